"""The shortest honest program that mails everybody once: claim, fill in a skeleton, pipelined SMTP, record.

`python -m tests.bench.floor_campaign DSN PORT GROUP`, as many processes as you like. It knows no notices, no second
look, no markers, no events. Says when it began and ended.
"""

import hashlib
import hmac
import socket
import sys
import time
from base64 import encodebytes, urlsafe_b64encode
from binascii import b2a_qp

import psycopg

BATCH = 100
TABLE = """create table floor_mail (
  id bigint generated always as identity primary key, email text not null, name text not null,
  try_at timestamptz not null default now(), state text not null default 'queued', accepted_at timestamptz, reply text
) with (fillfactor = 60);
create index on floor_mail (try_at, id);"""
FILL = (
    "insert into floor_mail (email, name) select 'p' || n || '@example.com', 'Sam ' || n from generate_series(1, %s) n"
)
CLAIM = """update floor_mail set try_at = now() + interval '60 s' where id in (
  select id from floor_mail where try_at <= now() and state = 'queued' and (try_at, id) > (%s, %s)
  order by try_at, id limit 100 for update skip locked) returning id, email, name"""
RECORD = "update floor_mail set state = 'sent', accepted_at = now(), reply = '2.0.0 Ok' where id = any(%s)"
TEXT, HTML, CALENDAR = 900, 3_600, 1_000
"""Octets of the parts before they are encoded, about what an invitation has."""
HEAD = (
    b"From: Firsthand <visits@example.org>\r\nTo: %s <%s>\r\nSubject: Mogen we uw verhaal horen?\r\n"
    b"Message-ID: <%d@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n"
    b"--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
)
TO_HTML = b"\r\n--a\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
TO_CALENDAR = b"\r\n--a\r\nContent-Type: text/calendar; method=PUBLISH\r\nContent-Transfer-Encoding: base64\r\n\r\n"
TO_FILE = b"\r\n--a--\r\n--m\r\nContent-Type: application/ics\r\nContent-Transfer-Encoding: base64\r\n\r\n"
END = b"\r\n--m--\r\n.\r\n"
WORDS = "\r\n".join(["Mogen we uw verhaal horen? Eén collega hoort graag van u."] * 80).encode()


def mail(key: bytes, id: int, email: str, name: str) -> bytes:
    """Text, html, calendar as part and as file, each with the name and the link of whom it is for."""
    mac = hmac.digest(key, str(id).encode(), hashlib.sha256)[:16]
    who = name.encode() + b" https://visits.example.org/a/" + urlsafe_b64encode(mac) + b"\r\n"
    calendar = encodebytes(who + WORDS[:CALENDAR])
    return b"".join((
        HEAD % (name.encode(), email.encode(), id), b2a_qp(who + WORDS[:TEXT]), TO_HTML, b2a_qp(who + WORDS[:HTML]),
        TO_CALENDAR, calendar, TO_FILE, calendar, END,
    ))  # fmt: skip


def main() -> None:
    dsn, port, group = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    key = b"a key for the floor"
    with psycopg.connect(dsn) as connection, socket.create_connection(("127.0.0.1", port)) as smtp:
        smtp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        said = smtp.makefile("rb")
        said.readline()
        smtp.sendall(b"EHLO floor\r\n")
        said.readline(), said.readline()
        last, began = ("-infinity", 0), time.monotonic()
        while rows := connection.execute(CLAIM, last).fetchall():
            for at in range(0, len(rows), group):
                some = rows[at : at + group]
                for number, (id, email, name) in enumerate(some):
                    envelope = b"MAIL FROM:<visits@example.org>\r\nRCPT TO:<%s>\r\nDATA\r\n"
                    if number == 0:
                        smtp.sendall(envelope % email.encode())
                    said.readline(), said.readline(), said.readline()
                    following = some[number + 1][1].encode() if number + 1 < len(some) else None
                    smtp.sendall(mail(key, id, email, name) + (envelope % following if following else b""))
                    assert said.readline().startswith(b"250")
                connection.execute(RECORD, ([row[0] for row in some],))
                connection.commit()
        print(began, time.monotonic())


if __name__ == "__main__":
    main()
