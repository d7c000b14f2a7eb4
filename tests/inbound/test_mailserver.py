"""Against a real Postfix, which bounces by itself, and a real Dovecot, whose mailbox we read."""

import imaplib
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import factories
from tests.factories import NOW
from tests.fixtures.mailserver import PASSWORD, USER, Mailserver
from tests.fixtures.processes import Start
from tests.fixtures.services import wait_until
from tests.inbound.conftest import MINUTE, Office
from tests.inbound.letters import MAILBOX, SAM, calendar_mail, event, mail
from tests.inbound.test_reading import HOSTILE
from webapp import db, rounds
from webapp.local import commands
from webapp.mailing.failpoints import INCOMING
from webapp.mailing.inbound.mailbox import secure
from webapp.mailing.models import IncomingMail, Message

NIEMAND, FULL, LATE = "niemand@customer.example", "full@customer.example", "late@customer.example"


pytestmark = pytest.mark.xdist_group("mailserver")  # one Postfix serves them all, so one process runs them


@pytest.fixture
def real(office: Office, mailserver: Mailserver) -> Office:
    """The office with a real relay and a real mailbox."""
    office.settings = replace(
        office.settings, mail_server="127.0.0.1", mail_port=mailserver.smtp, imap_server="127.0.0.1",
        imap_port=mailserver.plain, imap_use_ssl=False, imap_username=USER, imap_password=PASSWORD,
    )  # fmt: skip
    return office


def ended(email: str) -> tuple[str | None, str | None]:
    with db.transaction() as session:
        message = session.scalars(select(Message).where(Message.address.has(email=email))).one()
        return message.end, message.address.suppressed_why


def flags(mailserver: Mailserver) -> list[str]:
    return [path.name.partition(":2,")[2] for path in mailserver.mails()]


def test_postfix_says_who_does_not_exist_whose_mailbox_is_full_and_what_is_late(
    real: Office, mailserver: Mailserver
) -> None:
    with db.transaction():
        visit = real.invitation().visit
        for email in (NIEMAND, FULL, LATE):
            factories.invitation(visit, factories.customer("Toon Smit", email=email), NOW - MINUTE)
    real.post()
    assert [ended(email) for email in (NIEMAND, FULL, LATE)] == [("sent", None)] * 3
    mailserver.wait_for(3)
    rounds.run(real.settings, loop=False)
    expected = [("bounced", "bounce"), ("bounced", None), ("delayed", None)]
    assert [ended(email) for email in (NIEMAND, FULL, LATE)] == expected
    assert (ended(SAM), rounds.receive(real.settings), flags(mailserver)) == (("sent", None), 0, ["S"] * 3)


def told(mailserver: Mailserver) -> dict[str, str]:
    """What a process of ours is told about the mailbox."""
    return {
        "IMAP_SERVER": "127.0.0.1", "IMAP_PORT": str(mailserver.plain), "IMAP_USE_SSL": "0", "IMAP_USERNAME": USER,
        "IMAP_PASSWORD": PASSWORD, "MAIL_DEFAULT_SENDER": f"Bezoek <{MAILBOX}>",
    }  # fmt: skip


@pytest.mark.parametrize("point", INCOMING)
def test_a_process_killed_before_it_marks_a_mail_counts_nothing_twice(
    real: Office, mailserver: Mailserver, start_process: Start, point: str
) -> None:
    mailserver.put(calendar_mail(event("ACCEPTED", uid=real.uid, stamp="20261123T075930Z")))
    killed = start_process("deliver", commands.module("webapp.rounds"), FIRSTHAND_FAIL_POINT=point, **told(mailserver))
    wait_until(lambda: killed.ended() == -9, "it is dead")
    assert (flags(mailserver), len(real.answers())) == ([""], point == "after_incoming_commit")
    assert (rounds.receive(real.settings), rounds.receive(real.settings)) == (1, 0)
    assert (real.answers(), flags(mailserver)) == ([("accepted", "calendar")], ["S"])


def test_two_who_read_the_mailbox_at_the_same_time_count_every_answer_once(
    real: Office, mailserver: Mailserver
) -> None:
    for minute in range(8):
        partstat = ("ACCEPTED", "DECLINED")[minute % 2]
        mailserver.put(calendar_mail(event(partstat, uid=real.uid, stamp=f"20261123T0750{minute:02}Z")))
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: rounds.receive(real.settings), range(3)))
    assert flags(mailserver) == ["S"] * 8
    with db.transaction() as session:
        assert session.scalar(select(func.count()).select_from(IncomingMail)) == 8
        assert real.invitation().partstat == "declined"


def test_a_worker_reads_the_mailbox(real: Office, mailserver: Mailserver, start_worker: Any, ask: Any) -> None:
    mailserver.put(mail("Waar moet ik zijn?"))
    start_worker("post", **told(mailserver))
    ask("tasks.inbound.receive")
    wait_until(lambda: flags(mailserver) == ["S"], "the mail is read")


def test_whoever_watches_is_told_when_the_mailbox_was_last_read(
    real: Office, mailserver: Mailserver, make_app: Callable[..., Flask]
) -> None:
    page = make_app(imap_server="127.0.0.1").test_client()

    def last_read() -> str:
        return str((page.get("/readyz").json or {}).get("mailbox"))

    assert last_read() == "never"
    rounds.receive(replace(real.settings, imap_password="wrong"))
    assert last_read() == "never"
    rounds.receive(real.settings)
    assert last_read() == "ok"


def test_what_concerns_nobody_is_flagged_for_who_looks_into_the_mailbox(real: Office, mailserver: Mailserver) -> None:
    mailserver.put(mail("Win a prize", sender="prize@spam.example"))
    rounds.receive(real.settings)
    assert flags(mailserver) == ["FS"]


def test_hostile_mail_holds_up_nobody(real: Office, mailserver: Mailserver) -> None:
    for raw in HOSTILE.values():
        mailserver.put(raw)
    mailserver.put(mail("Waar moet ik zijn?"))
    assert rounds.receive(real.settings) == len(HOSTILE) + 1
    with db.transaction() as session:
        assert session.scalars(select(IncomingMail.came_of).where(IncomingMail.came_of == "forwarded")).all() == [
            "forwarded"
        ]
        assert session.scalars(select(IncomingMail.kind).where(IncomingMail.kind == "failed")).all() == []


def test_over_tls_the_server_must_show_who_it_is(real: Office, mailserver: Mailserver) -> None:
    mailserver.put(mail("Waar moet ik zijn?"))
    hidden = replace(real.settings, imap_port=mailserver.secure, imap_use_ssl=True)
    assert (rounds.receive(hidden), flags(mailserver)) == (0, [""])
    assert (rounds.receive(hidden, mailserver.trust), flags(mailserver)) == (1, ["S"])


def test_starttls_is_asked_for_and_checked_wherever_others_could_listen(mailserver: Mailserver) -> None:
    connection = imaplib.IMAP4("127.0.0.1", mailserver.plain, timeout=5)
    secure(connection, "imap.firsthand.example", mailserver.trust)
    assert isinstance(connection.sock, ssl.SSLSocket)
    connection.shutdown()
    connection = imaplib.IMAP4("127.0.0.1", mailserver.plain, timeout=5)
    with pytest.raises(ssl.SSLCertVerificationError):
        secure(connection, "imap.firsthand.example", ssl.create_default_context())
    connection.file.close()


def test_a_wrong_password_is_said_without_saying_it(
    real: Office, mailserver: Mailserver, capsys: pytest.CaptureFixture[str]
) -> None:
    mailserver.put(mail("Waar moet ik zijn?"))
    wrong = replace(real.settings, imap_password="een-geheim-dat-nergens-staat")
    assert rounds.receive(wrong) == 0
    said = capsys.readouterr().out
    assert ("the mailbox cannot be read" in said, "Unreadable" in said, "nergens" in said) == (True, True, False)
