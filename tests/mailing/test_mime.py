"""What people read is what was meant: every mail, parsed again, against the values it was made from."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from webapp.mailing.mime import Filled, Mail, build, header_value

CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:PUBLISH\r\nSUMMARY:Caf\xc3\xa9\r\nEND:VCALENDAR\r\n"

MAIL = Mail(
    message_id="<k7x2.day_before@visits.example>",
    date=datetime(2026, 12, 2, 16, 0, tzinfo=timezone(timedelta(hours=1))),
    envelope_from="bounce+k7x2@visits.example",
    sender=("Anna Bakker – Waterschap Voorbeeld", "gesprek@visits.example"),
    to=("De Vries, Sam", "sam@customer.example"),
    reply_to=('Anna "host" Bakker', "anna@visits.example"),
    subject="Morgen 14:00 uur: wij kijken ernaar uit",
    text="Beste mevrouw De Vries,\n\n  donderdag 3 december 2026\n  14:00–14:45 uur\n\nToch verhinderd?  https://x.example/a/K7.mQ?answer=declined\n",
    html='<p style="margin:0">Beste mevrouw De Vries, <a href="https://x.example/a/K7.mQ?answer=declined">één tik</a></p>\n',
    lang="nl",
)
INVITED = replace(
    MAIL,
    calendar=CALENDAR,
    method="PUBLISH",
    references="<visit.k7@visits.example>",
    one_click="https://visits.example/u/x9.Lc",
)

characters = st.characters(exclude_categories=["Cs"])
words = st.text(characters.filter(lambda c: c not in "\r\n\0"), max_size=120)
letters = st.text(characters, max_size=2000)
atoms = st.text("abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+/=?^_`{|}~-", min_size=1, max_size=30)
addresses = st.builds("{}.{}@{}.example".format, atoms, atoms, st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True))


def parsed(mail: Mail) -> EmailMessage:
    message = message_from_bytes(build(mail), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def raw_headers(mail: Mail) -> "Message[str, str]":
    return message_from_bytes(build(mail), policy=policy.compat32)


def words_of(header: str) -> str:
    """What a header says, by the plain rules of RFC 2047."""
    return str(make_header(decode_header("".join(header.splitlines()))))


def shape(part: EmailMessage) -> Any:
    kind = part.get_content_type()
    return (kind, [shape(each) for each in part.iter_parts()]) if part.is_multipart() else kind  # type: ignore[arg-type]


def as_lines(text: str) -> str:
    """Line ends as a mail carries them: one kind only, and one at the end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.endswith("\n") else text + "\n"


def test_a_mail_has_a_written_text_and_a_page() -> None:
    message = parsed(MAIL)
    assert shape(message) == ("multipart/alternative", ["text/plain", "text/html"])
    text, html = message.iter_parts()
    assert [as_lines(part.get_content()) for part in (text, html)] == [MAIL.text, MAIL.html]


def test_a_visit_comes_as_a_calendar_part_and_as_a_file() -> None:
    message = parsed(INVITED)
    alternative = ("multipart/alternative", ["text/plain", "text/html", "text/calendar"])
    assert shape(message) == ("multipart/mixed", [alternative, "application/ics"])
    body, file = message.iter_parts()
    calendar = list(body.iter_parts())[2]
    assert calendar.get_payload(decode=True) == file.get_payload(decode=True) == CALENDAR
    assert calendar["Content-Type"].params == {"charset": "utf-8", "method": "PUBLISH"}
    assert (file.get_filename(), file.get_content_disposition()) == ("invite.ics", "attachment")


def test_headers_say_who_and_that_a_machine_sent_it() -> None:
    message = parsed(INVITED)
    assert {name: str(value) for name, value in message.items() if name not in {"Content-Type", "MIME-Version"}} == {
        "Date": "Wed, 02 Dec 2026 16:00:00 +0100",
        "From": "Anna Bakker – Waterschap Voorbeeld <gesprek@visits.example>",
        "To": '"De Vries, Sam" <sam@customer.example>',
        "Subject": "Morgen 14:00 uur: wij kijken ernaar uit",
        "Message-ID": "<k7x2.day_before@visits.example>",
        "Content-Language": "nl",
        "Reply-To": '"Anna \\"host\\" Bakker" <anna@visits.example>',
        "In-Reply-To": "<visit.k7@visits.example>",
        "References": "<visit.k7@visits.example>",
        "List-Unsubscribe": "<https://visits.example/u/x9.Lc>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }


def test_one_click_is_promised_over_https_alone() -> None:
    message = parsed(replace(MAIL, one_click="http://127.0.0.1:8000/u/x9.Lc"))
    assert (message["List-Unsubscribe"], message["List-Unsubscribe-Post"]) == ("<http://127.0.0.1:8000/u/x9.Lc>", None)


def test_the_same_mail_is_the_same_octets_for_ever() -> None:
    assert build(INVITED) == build(replace(INVITED))
    assert (
        hashlib.sha256(build(INVITED)).hexdigest() == "8d68c2f5ffa7f55f96ed49629e5894dddbc1a0c353ead23e8e585b9d02319fc8"
    )


def test_another_mail_has_other_boundaries() -> None:
    other = replace(MAIL, message_id="<p3.day_before@visits.example>")
    assert parsed(MAIL).get_boundary() != parsed(other).get_boundary()


@given(subject=words, name=words, host=words)
@example(subject="a =?utf-8?q?b?= c", name="=?utf-8?q?x?=", host='a\\"b')
@example(subject=" two  spaces ", name=" ", host="\t")
@example(subject="é" * 200, name="Bakker, Anna é <x@y.example>", host="(comment)")
def test_every_name_and_subject_is_read_as_it_was_meant(subject: str, name: str, host: str) -> None:
    mail = replace(MAIL, subject=subject, to=(name, "sam@customer.example"), reply_to=(host, "anna@visits.example"))
    headers = raw_headers(mail)
    assert words_of(headers["Subject"]) == subject
    people = [(headers["To"], name, "sam@customer.example"), (headers["Reply-To"], host, "anna@visits.example")]
    for header, phrase, address in people:
        said, _, mailbox = "".join(header.splitlines()).rpartition(" ")
        assert mailbox == (f"<{address}>" if phrase else address)
        unquoted = said[1:-1].replace('\\"', '"').replace("\\\\", "\\") if said.startswith('"') else words_of(said)
        assert unquoted == phrase


@given(text=letters, html=letters)
@example(text=".\r\n..\n.", html="From me\n")
@example(text="x" * 5000, html="ő" * 3000)
@example(text="trailing \n\ttabs\t\n=\n==_.a", html="\x0b\x0c\x1c\u2028\x85")
def test_every_body_is_read_as_it_was_written(text: str, html: str) -> None:
    parts = parsed(replace(MAIL, text=text, html=html)).iter_parts()
    read = [as_lines(part.get_payload(decode=True).decode()) for part in parts]  # type: ignore[union-attr]
    assert read == [as_lines(text), as_lines(html)]


@given(pieces=st.lists(letters, min_size=1, max_size=7), own=st.lists(words, min_size=3, max_size=3))
@example(pieces=["a\n.", "\n.\n", " \r"], own=["=", " ", "é" * 200])
def test_a_text_put_together_from_pieces_makes_the_same_mail(pieces: list[str], own: list[str]) -> None:
    mixed = [piece for pair in zip(pieces, own * 3, strict=False) for piece in pair]
    filled = Filled.of(mixed)
    whole = replace(MAIL, text=str("".join(mixed)), html="".join(mixed))
    assert build(replace(MAIL, text=filled, html=filled)) == build(whole)


@given(text=letters, subject=words, name=words)
@example(text="x" * 5000, subject="x" * 3000, name="é" * 3000)
def test_lines_are_short_seven_bit_and_end_in_crlf(text: str, subject: str, name: str) -> None:
    octets = build(replace(INVITED, text=text, subject=subject, to=(name, "a" * 60 + "@customer.example")))
    assert octets.isascii()
    assert octets.endswith(b"\r\n")
    assert max(map(len, octets.split(b"\r\n"))) <= 200
    assert octets.count(b"\r") == octets.count(b"\n") == octets.count(b"\r\n")
    assert b"\0" not in octets


@given(
    value=st.text(max_size=60),
    evil=st.sampled_from(["\r\n", "\n", "\r", "\0", "\r\nBcc: all@x.example", "\n\n<script>", "\r\n "]),
    rest=st.text(max_size=60),
    field=st.sampled_from(["subject", "sender", "to", "reply_to", "message_id", "references", "one_click", "lang"]),
    inside=st.booleans(),
)
def test_a_line_break_in_any_header_is_refused(value: str, evil: str, rest: str, field: str, inside: bool) -> None:
    text = value + evil + rest
    pair = ("Anna", text) if inside else (text, "anna@visits.example")
    change: dict[str, Any] = {field: pair if field in {"sender", "to", "reply_to"} else text}
    with pytest.raises(ValueError, match=r"."):
        build(replace(INVITED, **change))


@given(subject=words, name=words, address=addresses, text=letters)
def test_nothing_typed_ever_becomes_a_header_or_a_part(subject: str, name: str, address: str, text: str) -> None:
    mail = replace(INVITED, subject=subject, sender=(name, address), to=(name, address), text=text, html=text)
    message = parsed(mail)
    assert [name for name, _ in raw_headers(mail).items()] == [name for name, _ in raw_headers(INVITED).items()]
    assert shape(message) == shape(parsed(INVITED))
    assert message["To"].addresses[0].addr_spec == address


def test_line_breaks_and_nul_are_what_a_header_cannot_hold() -> None:
    assert header_value("Één tik: komt u?") == "Één tik: komt u?"
    for text in ("a\rb", "a\nb", "a\0b"):
        with pytest.raises(ValueError, match="line break or a NUL"):
            header_value(text)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("änna@customer.example", "Internationalized characters before the @-sign"),
        ("anna", "must have an @-sign"),
        ("a..b@customer.example", "two periods"),
        ("a b@customer.example", "SPACE"),
        ("a>,<b@customer.example", "invalid characters"),
        ("a" * 65 + "@customer.example", "too long"),
        ("anna@" + ".".join(["a" * 60] * 5) + ".example", "too long"),
    ],
)
def test_an_address_no_relay_can_take_is_refused_with_the_reason(address: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        build(replace(MAIL, to=("Anna", address)))


def test_a_domain_outside_ascii_is_mailed_in_its_wire_form() -> None:
    assert raw_headers(replace(MAIL, to=("", "anna@bücher.example")))["To"] == "anna@xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"date": datetime(2026, 12, 2, 16, 0)}, "time zone"),  # noqa: DTZ001  (the mistake that is refused)
        ({"message_id": "k7x2"}, "Message-ID"),
        ({"references": "<a@b> <c@d>"}, "References"),
        ({"one_click": "mailto:stop@visits.example"}, "List-Unsubscribe"),
        ({"one_click": "https://visits.example/u>,<x"}, "List-Unsubscribe"),
        ({"method": "REQUEST"}, "METHOD:REQUEST"),
        ({"method": None}, "calendar method"),
        ({"envelope_from": ""}, "@-sign"),
        ({"subject": "\ud800"}, "surrogates"),
    ],
)
def test_a_mail_that_cannot_be_right_is_not_made(change: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        build(replace(INVITED, **change))


@given(st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  (the zone is added)
def test_the_date_is_the_moment_it_was_first_sent(moment: datetime) -> None:
    assert parsedate_to_datetime(raw_headers(replace(MAIL, date=moment))["Date"]) == moment.replace(microsecond=0)
