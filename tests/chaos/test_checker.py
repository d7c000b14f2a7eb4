"""A checker that cannot fail is worth nothing: each fault is put into a history by hand, and found."""

from dataclasses import replace

import pytest

from tests.chaos.__main__ import Done, verdict
from tests.chaos.checker import Answer, Copy, Counts, Intent, answers_lost, check
from tests.chaos.scenarios import SCENARIOS, WITHOUT_EVIDENCE

SAM = Intent("visit_invitation 1", "sam@example.com", "<1@x>", "sent")
KIM = Intent("visit_invitation 2", "kim@example.com", "<2@x>", "sent")
TO_SAM, TO_KIM = Copy("<1@x>", "sam@example.com", b"Dear Sam"), Copy("<2@x>", "kim@example.com", b"Dear Kim")
MEANT = [SAM.about, KIM.about]


def faults(intents: list[Intent], copies: list[Copy], *, evidence: bool = True) -> list[str]:
    return check(intents, copies, MEANT).faults(evidence=evidence)


def test_two_mails_that_arrived_once_each_are_well() -> None:
    counts = check([SAM, KIM], [TO_SAM, TO_KIM], MEANT)
    assert (counts.faults(), counts.meant, counts.taken) == ([], 2, 2)


@pytest.mark.parametrize(
    ("intents", "copies", "found"),
    [
        ([SAM, KIM], [TO_SAM], "lost 1"),
        ([SAM], [TO_SAM], "silent 1"),
        ([SAM, replace(KIM, end=None)], [TO_SAM], "silent 1"),
        ([SAM, KIM], [TO_SAM, TO_KIM, TO_KIM], "unexcused 1"),
        ([SAM, KIM], [TO_SAM, TO_KIM, TO_KIM], "doubled 1"),
        (
            [SAM, KIM, replace(KIM, message_id="<3@x>")],
            [TO_SAM, TO_KIM, replace(TO_KIM, message_id="<3@x>")],
            "doubled 1",
        ),
        ([SAM, KIM], [TO_SAM, TO_KIM, replace(TO_KIM, content=b"Dear Tim")], "altered 1"),
        ([SAM, KIM], [TO_SAM, replace(TO_KIM, recipient="sam@example.com")], "stray 1"),
        ([SAM, KIM], [TO_SAM, TO_KIM, Copy("<9@x>", "tim@example.com", b"")], "stray 1"),
        ([SAM, replace(KIM, end="failed")], [TO_SAM, TO_KIM], "wrong 1"),
    ],
)
def test_each_fault_in_a_history_is_found(intents: list[Intent], copies: list[Copy], found: str) -> None:
    assert found in faults(intents, copies)


@pytest.mark.parametrize("end", ["failed", "superseded", "not_needed", "unknown"])
def test_a_mail_that_did_not_leave_and_says_why_is_neither_lost_nor_silent(end: str) -> None:
    assert faults([SAM, replace(KIM, end=end)], [TO_SAM]) == []


def test_without_evidence_one_equal_copy_of_a_mail_in_doubt_is_allowed_and_no_more() -> None:
    doubted = replace(KIM, doubts=1)
    assert faults([SAM, doubted], [TO_SAM, TO_KIM, TO_KIM], evidence=False) == []
    assert faults([SAM, doubted], [TO_SAM, TO_KIM, TO_KIM]) == ["doubled 1"]
    assert faults([SAM, doubted], [TO_SAM, TO_KIM, TO_KIM, TO_KIM], evidence=False) == ["unexcused 1"]
    assert faults([SAM, KIM], [TO_SAM, TO_KIM, TO_KIM], evidence=False) == ["unexcused 1"]


def test_what_a_scenario_itself_found_counts_too() -> None:
    assert Counts(complaints=["oversold"]).faults() == ["oversold"]


def test_an_answer_that_was_thanked_for_and_is_not_stored_is_lost() -> None:
    thanked, stored = Answer(1, "accepted", stored=False), Answer(1, "accepted", stored=True)
    assert answers_lost([thanked, stored]) == 0
    assert answers_lost([thanked, replace(stored, kind="declined")]) == 1


def test_what_needs_no_evidence_is_a_scenario() -> None:
    assert set(SCENARIOS) >= WITHOUT_EVIDENCE


def test_what_could_not_run_does_not_count_as_held() -> None:
    done = [Done("kill", True, "ok", 1.0), Done("postfix", False, "NOT RUN: there is no Postfix", 0.1, ran=False)]
    assert verdict(done) == "1 of 2 hold, NOT RUN: postfix"
