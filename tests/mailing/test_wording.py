"""An organiser reads what went wrong in a sentence, never in a number alone."""

from typing import cast

import pytest

from webapp.i18n import Language
from webapp.mailing.status import TIMED_OUT, Outcome
from webapp.mailing.wording import plain

CASES = [
    (
        Outcome("accepted", "dot", 250),
        "De mailserver heeft deze mail aangenomen.",
        "The mail server accepted this mail.",
    ),
    (
        Outcome("unknown", "dot", text=TIMED_OUT),
        "Onzeker: de verbinding brak op het laatste moment. We zoeken uit of de mail is aangenomen.",
        "Uncertain: the connection broke at the last moment. We are finding out whether the mail was accepted.",
    ),
    (
        Outcome("deferred", "rcpt", text=TIMED_OUT),
        "De mailserver reageerde niet op tijd.",
        "The mail server did not answer in time.",
    ),
    (
        Outcome("deferred", "dns", text="Name or service not known"),
        "smtp.x.example is niet te vinden. Klopt de naam?",
        "smtp.x.example cannot be found. Is the name right?",
    ),
    (
        Outcome("deferred", "connect", text="Connection refused"),
        "smtp.x.example neemt niet op, poort 587. Klopt de poort?",
        "smtp.x.example does not answer on port 587. Is the port right?",
    ),
    (
        Outcome("deferred", "tls", text="self-signed certificate"),
        "De beveiligde verbinding is niet te vertrouwen: self-signed certificate. "
        "Er is niets verstuurd, ook geen wachtwoord.",
        "The secure connection cannot be trusted: self-signed certificate. Nothing was sent, not even the password.",
    ),
    (
        Outcome("deferred", "login", 535, "5.7.8", "no"),
        "De mailserver kent deze naam of dit wachtwoord niet.",
        "The mail server does not know this name or password.",
    ),
    (
        Outcome("deferred", "login", 530, "5.7.0", "no"),
        "De mailserver wil een naam en een wachtwoord. Stel MAIL_USERNAME en MAIL_PASSWORD in.",
        "The mail server wants a name and a password. Set MAIL_USERNAME and MAIL_PASSWORD.",
    ),
    (
        Outcome("refused", "mail", 553, "5.7.1", "no"),
        "De mailserver weigert visits@x.example als afzender.",
        "The mail server refuses visits@x.example as sender.",
    ),
    (
        Outcome("deferred", "data", text="connection closed"),
        "De mailserver verbrak de verbinding.",
        "The mail server broke off the connection.",
    ),
    (
        Outcome("deferred", "rcpt", 450, "4.2.0", "greylisted"),
        "De ontvangende server is druk. We proberen het om 14:05 uur opnieuw.",
        "The receiving server is busy. We try again at 14:05.",
    ),
    (
        Outcome("deferred", "login", 454, "4.7.0", "temporary failure"),
        "De ontvangende server is druk. We proberen het om 14:05 uur opnieuw.",
        "The receiving server is busy. We try again at 14:05.",
    ),
    (Outcome("refused", "rcpt", 550, "5.1.1", "no"), "Dit adres bestaat niet.", "This address does not exist."),
    (Outcome("refused", "rcpt", 552, "5.2.2", "full"), "De mailbox is vol.", "The mailbox is full."),
    (
        Outcome("refused", "dot", 550, "5.7.26", "DMARC"),
        "De ontvangende server weigert onze mail (5.7.26). Vraag je beheerder naar SPF, DKIM en DMARC.",
        "The receiving server refuses our mail (5.7.26). Ask your administrator about SPF, DKIM and DMARC.",
    ),
    (
        Outcome("refused", "rcpt", 554, None, "no"),
        "De ontvangende server weigert deze mail (554).",
        "The receiving server refuses this mail (554).",
    ),
]


@pytest.mark.parametrize(("outcome", "nl", "en"), CASES)
def test_every_answer_has_its_sentence_in_both_languages(outcome: Outcome, nl: str, en: str) -> None:
    for language, again, sentence in (("nl", "14:05 uur", nl), ("en", "14:05", en)):
        said = plain(
            outcome, cast(Language, language), server="smtp.x.example", port=587, sender="visits@x.example", again=again
        )
        assert said == sentence


def test_before_the_next_try_is_known_it_is_soon() -> None:
    assert plain(Outcome("deferred", "rcpt", 421), "nl") == (
        "De ontvangende server is druk. We proberen het straks opnieuw."
    )
