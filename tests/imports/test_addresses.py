"""Addresses as people type them: one mailbox, or what is wrong and what was meant."""

import pytest
from email_validator import validate_email
from hypothesis import given
from hypothesis import strategies as st

from webapp.imports.addresses import Fault, guess, normal, slip


@pytest.mark.parametrize(
    ("typed", "mailbox"),
    [
        ("Sam@Uni.Example", "sam@uni.example"),
        ("  sam@uni.example\u200b", "sam@uni.example"),
        ("mailto:sam@uni.example?subject=hoi", "sam@uni.example"),
        ("Sam de Vries <sam@uni.example>", "sam@uni.example"),
        ("sam@uni.example;", "sam@uni.example"),
        ("o'brien+x@uni.example", "o'brien+x@uni.example"),
        ("sam@münchen.example", "sam@xn--mnchen-3ya.example"),
        ("sam@MÜNCHEN.example", "sam@xn--mnchen-3ya.example"),
    ],
)
def test_one_mailbox_is_found_however_it_is_written(typed: str, mailbox: str) -> None:
    assert normal(typed) == mailbox


@pytest.mark.parametrize(
    ("typed", "fault", "meant"),
    [
        ("geen adres", "email.none", None),
        ("bel mij maar", "email.none", None),
        ("twee@@student.example", "email.ats", "twee@student.example"),
        ("sanne.obrien@student", "email.dot", "sanne.obrien@student.example"),
        ("sanne@studentexample", "email.dot", "sanne@student.example"),
        ("sanne@gmailcom", "email.dot", "sanne@gmail.com"),
        ("sanne@voorbeeldnl", "email.dot", "sanne@voorbeeld.nl"),
        ("sanne@uni,example", "email.dot", "sanne@uni.example"),
        ("sanne @uni.example", "email.wrong", "sanne@uni.example"),
        ("sanne@uni..example", "email.wrong", "sanne@uni.example"),
        ("sanne.@uni.example", "email.wrong", "sanne@uni.example"),
        ("sanne(at)uni.example", "email.at", "sanne@uni.example"),
        ("sanne.uni.example", "email.at", None),
        ("a@uni.example; b@uni.example", "email.many", "a@uni.example"),
        ("@uni.example", "email.wrong", None),
        ("zoë@uni.example", "email.wrong", None),
        ("sam@localhost", "email.dot", None),
        ("sam@printer.local", "email.wrong", None),
        ("=HYPERLINK(1)", "email.none", None),
        ("a@" + "b" * 300 + ".example", "email.wrong", None),
    ],
)
def test_a_fault_is_named_and_what_was_meant_is_guessed(typed: str, fault: str, meant: str | None) -> None:
    assert normal(typed) == Fault(fault)
    assert guess(typed, ["student.example"]) == meant


@pytest.mark.parametrize(
    ("email", "meant"),
    [
        ("sam@gmial.com", "sam@gmail.com"),
        ("sam@hotmai.com", "sam@hotmail.com"),
        ("sam@gmail.con", "sam@gmail.com"),
        ("sam@gmail.com", None),
        ("sam@live.nl", None),
        ("sam@uni.example", None),
    ],
)
def test_a_slip_of_the_keys_is_noticed(email: str, meant: str | None) -> None:
    assert slip(email) == meant


def test_a_slip_in_the_domain_that_everybody_else_has_is_noticed() -> None:
    assert slip("sam@studnet.example", ["student.example"]) == "sam@student.example"


@given(st.from_regex(r"[a-z0-9._+-]{1,12}@[a-z0-9.-]{1,20}\.[a-z]{2,6}", fullmatch=True))
def test_what_we_take_at_a_glance_the_standard_takes_too(typed: str) -> None:
    found = normal(typed)
    if isinstance(found, str):
        assert validate_email(found, check_deliverability=False).ascii_email == found


@given(st.text(max_size=60))
def test_no_text_breaks_it_and_a_guess_is_always_usable(typed: str) -> None:
    found, meant = normal(typed), guess(typed, ["student.example"])
    assert isinstance(found, Fault) or ("\n" not in found and found.isascii())
    assert meant is None or normal(meant) == meant
