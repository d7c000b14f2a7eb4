"""What a relay's log proves: taken, certainly not taken, or not to be told (yet)."""

from collections.abc import Callable, Iterator
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from webapp import clock
from webapp.mailing.evidence import PostfixLog

MINE = "<0123.visit_invitation@firsthand.example>"
GRACE = timedelta(seconds=15)


class Log:
    """A Postfix log that is being written, and the marker of a mail one minute ago."""

    def __init__(self, path: Path) -> None:
        self.path, self.knocks = path, 0
        self.marked = clock.real() - timedelta(minutes=1)
        self.postfix = PostfixLog(path, "firsthand.example", GRACE, self.knock)

    def __enter__(self) -> "Log":
        return self

    def __exit__(self, *_: object) -> None:
        self.postfix.close()

    def knock(self) -> None:
        self.knocks += 1

    def write(self, after: float, who: str, what: str, instance: str = "postfix") -> "Log":
        """A line `after` seconds from the marker."""
        at = self.marked + timedelta(seconds=after)
        with self.path.open("a") as file:
            file.write(f"{at.isoformat()} mx {instance}/{who}: {what}\n")
        return self

    def word(self) -> str:
        return self.postfix.about({MINE: self.marked})[MINE]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Log]:
    with Log(tmp_path / "mail.log") as log:
        yield log


@pytest.fixture
def log(empty: Log) -> Log:
    return empty.write(-5, "smtpd[1]", "connect from a[192.0.2.1]")


def taken(log: Log, after: float, pid: int = 1) -> Log:
    log.write(after, f"smtpd[{pid}]", "4A1B: client=a[192.0.2.1]")
    log.write(after, "cleanup[7]", f"4A1B: message-id={MINE}")
    return log.write(after, "qmgr[8]", "4A1B: from=<v@firsthand.example>, size=900, nrcpt=1 (queue active)")


def test_what_the_queue_manager_took_was_accepted(log: Log) -> None:
    assert taken(log, 1).word() == "accepted"
    log.write(2, "qmgr[8]", "4A1B: removed")
    assert log.word() == "accepted"


def test_what_is_not_there_is_absent_only_once_the_log_is_past_it(log: Log) -> None:
    log.write(1, "smtpd[1]", "disconnect from a[192.0.2.1] ehlo=1 quit=1")
    assert (log.word(), log.knocks) == ("later", 1)
    log.write(16, "smtpd[2]", "connect from a[192.0.2.1]")
    assert log.word() == "absent"


def test_as_long_as_the_session_is_open_the_mail_may_still_come(log: Log) -> None:
    log.write(16, "smtpd[2]", "connect from b[192.0.2.2]")
    assert log.word() == "later"
    log.write(17, "smtpd[1]", "timeout after RCPT from a[192.0.2.1]")
    assert log.word() == "absent"


def test_a_session_that_went_on_to_other_mail_holds_nothing_back(log: Log) -> None:
    log.write(16, "smtpd[1]", "5C2D: client=a[192.0.2.1]")
    assert log.word() == "later"
    log.write(17, "cleanup[7]", "5C2D: message-id=<another@firsthand.example>")
    assert log.word() == "absent"


def test_content_that_broke_off_was_not_taken(log: Log) -> None:
    log.write(1, "smtpd[1]", "4A1B: client=a[192.0.2.1]").write(1, "cleanup[7]", f"4A1B: message-id={MINE}")
    log.write(16, "smtpd[2]", "connect from b[192.0.2.2]").write(17, "smtpd[2]", "disconnect from b[192.0.2.2]")
    assert log.word() == "later"
    log.write(18, "smtpd[1]", "lost connection after DATA (512 bytes) from a[192.0.2.1]")
    assert log.word() == "absent"


def begun(log: Log) -> Log:
    """The mail is on its way in, and no more is known."""
    return log.write(1, "smtpd[1]", "4A1B: client=a[192.0.2.1]").write(1, "cleanup[7]", f"4A1B: message-id={MINE}")


START = "daemon started -- version 3.7.11, configuration /etc/postfix"


@pytest.mark.parametrize("come_as_far_as", [lambda log: log, begun], ids=["connected", "begun"])
def test_what_a_killed_relay_does_not_find_in_its_queue_was_not_taken(
    log: Log, come_as_far_as: Callable[[Log], Log]
) -> None:
    come_as_far_as(log).write(30, "master[9]", START)
    log.write(40, "smtpd[2]", "connect from b[192.0.2.2]").write(40, "smtpd[2]", "disconnect from b[192.0.2.2]")
    assert log.word() == "later"
    log.write(46, "smtpd[2]", "connect from b[192.0.2.2]")
    assert log.word() == "absent"


def test_what_a_killed_relay_finds_in_its_queue_was_accepted(log: Log) -> None:
    begun(log).write(30, "master[9]", START)
    assert log.word() == "later"
    log.write(31, "qmgr[8]", "4A1B: from=<v@firsthand.example>, size=900, nrcpt=1 (queue active)")
    assert log.word() == "accepted"


def test_another_postfix_on_that_machine_says_nothing_about_this_one_when_it_starts(log: Log) -> None:
    begun(log).write(20, "master[9]", START, "postfix-out").write(
        36, "smtpd[2]", "connect from b[192.0.2.2]", "postfix-out"
    )
    assert log.word() == "later"
    log.write(37, "submission/smtpd[1]", "lost connection after DATA (512 bytes) from a[192.0.2.1]")
    assert log.word() == "absent"


def test_a_session_whose_process_was_killed_holds_nothing_back(log: Log) -> None:
    begun(log).write(20, "master[9]", "warning: process /usr/lib/postfix/sbin/smtpd pid 3 killed by signal 9")
    log.write(36, "smtpd[2]", "connect from b[192.0.2.2]")
    assert log.word() == "later"
    log.write(37, "master[9]", "warning: process /usr/lib/postfix/sbin/smtpd pid 1 killed by signal 9")
    log.write(53, "smtpd[2]", "disconnect from b[192.0.2.2]")
    assert log.word() == "absent"


def test_a_log_that_begins_after_the_marker_proves_nothing(empty: Log) -> None:
    log = empty.write(5, "smtpd[1]", "connect from a[192.0.2.1]")
    log.write(16, "smtpd[1]", "disconnect from a[192.0.2.1]")
    assert log.word() == "unknown"


def test_without_a_log_it_is_waited_for_and_then_given_up(empty: Log) -> None:
    assert empty.word() == "later"
    empty.marked -= timedelta(minutes=10)
    assert empty.word() == "unknown"


def test_it_reads_on_past_a_rotation(log: Log) -> None:
    assert log.word() == "later"
    taken(log, 1)
    log.path.rename(log.path.with_name("mail.log.1"))
    assert log.word() == "accepted"
    log.write(16, "smtpd[2]", "connect from b[192.0.2.2]")
    other = "<other.visit_invitation@firsthand.example>"
    log.write(17, "smtpd[1]", "disconnect from a[192.0.2.1]")
    assert log.postfix.about({other: log.marked}) == {other: "absent"}


def test_a_new_process_reads_the_file_before_too(log: Log) -> None:
    taken(log, 1).path.rename(log.path.with_name("mail.log.1"))
    log.write(16, "smtpd[2]", "connect from b[192.0.2.2]")
    with Log(log.path) as other:
        assert other.postfix.about({MINE: log.marked}) == {MINE: "accepted"}


def test_a_log_that_is_emptied_in_its_place_is_read_from_its_start(log: Log) -> None:
    log.word()
    log.path.write_text("")
    assert taken(log, 1).word() == "accepted"


def test_half_a_line_waits_for_the_other_half(log: Log) -> None:
    taken(log, 1)
    whole = log.path.read_bytes()
    log.path.write_bytes(whole[:-20])
    assert log.word() == "later"
    log.path.write_bytes(whole)
    assert log.word() == "accepted"


def test_the_older_shape_of_a_moment_is_understood(empty: Log) -> None:
    log = empty
    for after, who, what in (
        (-5, "smtpd[1]", "connect from a[192.0.2.1]"),
        (17, "smtpd[1]", "disconnect from a[192.0.2.1]"),
    ):
        at = (log.marked + timedelta(seconds=after)).astimezone()
        with log.path.open("a") as file:
            file.write(f"{at:%b} {at.day:>2} {at:%H:%M:%S} mx postfix/{who}: {what}\n")
    assert log.word() == "absent"


def test_mail_of_others_and_other_programs_are_passed_over(log: Log) -> None:
    log.path.write_bytes(log.path.read_bytes() + b"\xff\xfe not a line\n" + b"2026-11-23T10:00:00Z mx sshd[1]: hello\n")
    assert taken(log, 1).word() == "accepted"


def test_the_moment_of_a_line_may_be_in_another_zone(log: Log) -> None:
    at = (log.marked + timedelta(seconds=20)).astimezone(timezone(timedelta(hours=2)))
    with log.path.open("a") as file:
        file.write(f"{at.isoformat()} mx postfix/smtpd[1]: disconnect from a[192.0.2.1]\n")
    assert log.word() == "absent"
