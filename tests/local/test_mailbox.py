"""The demo's mailbox: newest first, by person, and whole after a crash."""

from pathlib import Path

from webapp.local.mailbox import Mailbox


def letter(subject: str) -> bytes:
    return f"From: Visits <v@example.org>\r\nSubject: {subject}\r\n\r\nHello.\r\n".encode()


def test_mail_is_read_newest_first_and_by_person(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    mailbox.keep("v@example.org", ["noor@example.org"], letter("One"))
    mailbox.keep("v@example.org", ["sam@example.org"], letter("=?utf-8?q?Tw=C3=A9?="))
    mailbox.keep("v@example.org", ["Noor@example.org"], letter("Three"))
    assert [mail.subject for mail in mailbox.mails()] == ["Three", "Twé", "One"]
    assert [mail.subject for mail in mailbox.mails("noor@EXAMPLE.org")] == ["Three", "One"]
    assert list(mailbox.recipients().items()) == [("noor@example.org", 2), ("sam@example.org", 1)]


def test_a_mail_is_found_by_its_id_with_the_bytes_as_they_came(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    (kept,) = mailbox.keep("v@example.org", ["noor@example.org"], letter("One"))
    assert mailbox.mail(kept.id) == kept
    assert mailbox.mail("../../etc/passwd") is None
    assert mailbox.raw(kept) == letter("One")
    assert mailbox.message(kept)["From"] == "Visits <v@example.org>"


def test_a_line_cut_off_by_a_crash_hides_no_other_mail(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    mailbox.keep("v@example.org", ["noor@example.org"], letter("One"))
    with (tmp_path / "index.jsonl").open("a") as index:
        index.write('{"id": "abc", "recip')
    mailbox.keep("v@example.org", ["noor@example.org"], letter("Two"))
    assert [mail.subject for mail in mailbox.mails()] == ["Two", "One"]


def test_a_mailbox_without_mail_is_empty(tmp_path: Path) -> None:
    assert Mailbox(tmp_path / "none").mails() == []
