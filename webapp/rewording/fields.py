"""The values that a text may name, as organisers read and write them in either language, each with an example.

What is stored holds the names of the code; `{dag}` in a Dutch text is `{day}` there. A name with a capital is the same
value with a capital.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from webapp import dates
from webapp.i18n import Language
from webapp.mailing.rendering import FIELD


@dataclass(frozen=True)
class Field:
    """One name: (en, nl) of what it is called, what it stands for, and what it might say."""

    called: tuple[str, str]
    label: tuple[str, str]
    example: tuple[str, str]
    private: bool = False
    """Names somebody or says why: not on a locked screen."""


def _same(called: tuple[str, str], label: tuple[str, str], example: str, private: bool = False) -> Field:
    return Field(called, label, (example, example), private)


FIELDS: dict[str, Field] = {
    "day": Field(("day", "dag"), ("Day", "Dag"), ("Thursday 3 December", "donderdag 3 december")),
    "day_short": Field(("day_short", "dag_kort"), ("Day, short", "Dag, kort"), ("Thu 3 Dec", "do 3 dec")),
    "date": Field(("date", "datum"), ("Date", "Datum"), ("Thursday, 3 December 2026", "donderdag 3 december 2026")),
    "when": Field(("when", "wanneer"), ("Tomorrow, or the day", "Morgen, of de dag"), ("tomorrow", "morgen")),
    "time": Field(("time", "tijd"), ("Beginning", "Begin"), ("14:00", "14:00 uur")),
    "hours": Field(("hours", "tijden"), ("From and to", "Van en tot"), ("14:00–14:45", "14:00–14:45 uur")),
    "place": Field(("place", "plaats"), ("Place", "Plaats"), ("Academy Building", "Academiegebouw")),
    "where": Field(
        ("where", "waar"),
        ("Place, room and address", "Plaats, ruimte en adres"),
        ("Academy Building, Room 2.14, Oude Markt 1", "Academiegebouw, Kamer 2.14, Oude Markt 1"),
    ),
    "spot": Field(
        ("spot", "plek"),
        ("Place and room, short", "Plaats en ruimte, kort"),
        ("Academy Building, Room 2.14", "Academiegebouw, Kamer 2.14"),
    ),
    "meeting_point": Field(
        ("meeting_point", "ontmoetingspunt"),
        ("Where somebody is met", "Waar iemand wordt opgehaald"),
        ("at the desk in the hall", "bij de balie in de hal"),
    ),
    "travel_line": Field(
        ("travel_line", "reisadvies"),
        ("How to get there", "Hoe je er komt"),
        ("The station is a five-minute walk.", "Het station is vijf minuten lopen."),
    ),
    "team": Field(("team", "team"), ("Team", "Team"), ("Evening callers", "Bellers avond A")),
    "colleagues": Field(
        ("colleagues", "collegas"), ("How many colleagues", "Hoeveel collega's"), ("six colleagues", "zes collega's")
    ),
    "colleague_count": _same(
        ("colleague_count", "aantal_collegas"), ("Colleagues, as a number", "Collega's, als getal"), "6"
    ),
    "seats": _same(("seats", "plaatsen"), ("Seats, as a number", "Plekken, als getal"), "8"),
    "seats_in_words": Field(
        ("seats_in_words", "plaatsen_in_woorden"), ("Seats, in words", "Plekken, in woorden"), ("eight", "acht")
    ),
    "host_name": _same(("host_name", "gastgever"), ("Host", "Gastgever"), "Anna Bakker"),
    "host_first_name": _same(
        ("host_first_name", "gastgever_voornaam"), ("First name of the host", "Voornaam van de gastgever"), "Anna"
    ),
    "host_phone": _same(
        ("host_phone", "gastgever_telefoon"), ("Phone of the host", "Telefoon van de gastgever"), "020 111 11 11"
    ),
    "organiser_name": _same(("organiser_name", "organisator"), ("Organiser", "Organisator"), "Noor Haddad"),
    "organiser_first_name": _same(
        ("organiser_first_name", "organisator_voornaam"),
        ("First name of the organiser", "Voornaam van de organisator"),
        "Noor",
    ),
    "organisation": Field(
        ("organisation", "organisatie"),
        ("Organisation", "Organisatie"),
        ("Example University", "Universiteit Voorbeeld"),
    ),
    "doors_time": Field(
        ("doors_time", "inloop"),
        ("From when the host is there", "Vanaf wanneer de gastgever er is"),
        ("13:45", "13:45 uur"),
    ),
    "old_day_short": Field(
        ("old_day_short", "oude_dag"), ("Day before the move", "Dag van eerst"), ("Thu 26 Nov", "do 26 nov")
    ),
    "old_time": Field(("old_time", "oude_tijd"), ("Time before the move", "Tijd van eerst"), ("10:00", "10:00 uur")),
    "reason": Field(
        ("reason", "aanleiding"),
        ("The sentence about the reason", "De zin over de aanleiding"),
        ("You study with a grant from our scholarship fund.", "U studeert met een beurs uit ons studiefonds."),
        private=True,
    ),
    "cancel_reason": Field(
        ("cancel_reason", "reden"),
        ("Why it is cancelled", "Waarom het niet doorgaat"),
        ("Our colleague who hosts is ill.", "De collega die ontvangt is ziek."),
        private=True,
    ),
    "change_until": Field(
        ("change_until", "wijzigen_tot"),
        ("Until when it can be changed", "Tot wanneer wijzigen kan"),
        ("Thursday 3 December, 14:00", "donderdag 3 december, 14:00 uur"),
    ),
    "proposed_times": Field(
        ("proposed_times", "voorgestelde_tijden"),
        ("Times somebody can make", "Tijden waarop iemand kan"),
        ("Tuesday morning", "dinsdagochtend"),
    ),
    "reply_by": Field(
        ("reply_by", "antwoord_voor"),
        ("Until when we reply", "Wanneer wij antwoorden"),
        ("Thursday 26 November", "donderdag 26 november"),
    ),
    "sent_day": Field(
        ("sent_day", "verstuurd_op"),
        ("Day of the invitation", "Dag van de uitnodiging"),
        ("Monday 23 November", "maandag 23 november"),
    ),
    "closes_day": Field(
        ("closes_day", "sluit_op"),
        ("Last day to answer", "Laatste dag om te antwoorden"),
        ("Thursday 10 December", "donderdag 10 december"),
    ),
    "offer_until": Field(
        ("offer_until", "plek_tot"),
        ("Until when the seat is held", "Tot wanneer de plek vrij blijft"),
        ("Tuesday 24 November, 09:00", "dinsdag 24 november, 09:00 uur"),
    ),
    "position": _same(("position", "nummer"), ("Number on the list", "Nummer op de lijst"), "2"),
    "n_questions": Field(("n_questions", "aantal_vragen"), ("How many questions", "Hoeveel vragen"), ("Nine", "Negen")),
    "n_asked": _same(("n_asked", "aantal_gevraagd"), ("How many are asked", "Hoeveel er gevraagd zijn"), "40"),
    "count": _same(("count", "aantal"), ("How many", "Hoeveel"), "2"),
    "storytellers": Field(
        ("storytellers", "vertellers"), ("Who tells", "Wie vertelt"), ("Mrs De Vries", "mevrouw De Vries"), private=True
    ),
    "somebody": Field(
        ("somebody", "iemand"),
        ("Who tells, without a name", "Wie vertelt, zonder naam"),
        ("one of our students", "een van onze studenten"),
    ),
    "storyteller_phones": Field(
        ("storyteller_phones", "telefoon_vertellers"),
        ("Phones of who tells", "Telefoon van wie vertelt"),
        ("Mrs De Vries 06 12345678", "mevrouw De Vries 06 12345678"),
        private=True,
    ),
    "names": _same(("names", "namen"), ("Names", "Namen"), "Robin Smit", private=True),
    "customer_name": _same(
        ("customer_name", "klant"), ("Name of the customer", "Naam van de klant"), "Sam de Vries", private=True
    ),
    "reply_text": Field(
        ("reply_text", "antwoord"),
        ("What somebody wrote", "Wat iemand schreef"),
        ("May my son come along?", "Mag mijn zoon mee?"),
        private=True,
    ),
    "minutes": _same(("minutes", "minuten"), ("Minutes to read", "Minuten lezen"), "2"),
    "storyteller_label": _same(
        ("storyteller_label", "verteller"),
        ("Who tells it, as allowed", "Wie vertelt, zoals het mag"),
        "Sam",
        private=True,
    ),
    "approved_quote": Field(
        ("approved_quote", "citaat"),
        ("Title of the story", "Titel van het verhaal"),
        ("Somebody stayed on the line", "Iemand bleef aan de lijn"),
        private=True,
    ),
    "story_title": Field(
        ("story_title", "titel_verhaal"),
        ("Title of the story", "Titel van het verhaal"),
        ("Somebody stayed on the line", "Iemand bleef aan de lijn"),
        private=True,
    ),
    "thanks_quote": Field(
        ("thanks_quote", "bedankje"),
        ("One of the thank-yous", "Een van de bedankjes"),
        ("Thank you. I pin this above my desk.", "Dank u. Ik hang dit boven mijn bureau."),
        private=True,
    ),
    "days": _same(("days", "dagen"), ("Number of days", "Aantal dagen"), "7"),
}

BLOCKS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "phone_line": (
        ("phone_line", "zin_bellen"),
        ("Only with a phone: rather call", "Alleen met telefoon: liever bellen"),
    ),
    "draft_line": (
        ("draft_line", "zin_bewaard"),
        ("Only who began: it is saved", "Alleen wie begon: het is bewaard"),
    ),
    "changes_line": (
        ("changes_line", "zin_wijzigingen"),
        ("Only when the text was changed: how often", "Alleen als de tekst is gewijzigd: hoe vaak"),
    ),
    "occasion": (
        ("occasion", "zin_aanleiding"),
        ("The reason, or a general sentence", "De aanleiding, of een algemene zin"),
    ),
    "welcome": (
        ("welcome", "zin_ontvangst"),
        ("Who welcomes, and where if known", "Wie ontvangt, en waar als dat bekend is"),
    ),
    "waits": (("waits", "zin_wacht"), ("Who waits, and where if known", "Wie wacht, en waar als dat bekend is")),
    "come_back": (
        ("come_back", "zin_toch_komen"),
        ("Only while there is room: come after all", "Alleen als er plek is: toch komen"),
    ),
    "stands": (
        ("stands", "zin_blijft_staan"),
        ("Only after a yes: the old time stands", "Alleen na een ja: de oude tijd blijft staan"),
    ),
    "last_one": (("last_one", "zin_laatste"), ("Only in the last reminder", "Alleen in de laatste herinnering")),
    "what_next": (
        ("what_next", "zin_vervolg"),
        ("The host calls, or nothing to do", "De gastgever belt, of niets te doen"),
    ),
    "moved_line": (
        ("moved_line", "zin_verplaatst"),
        ("Moved, or moved to their own time", "Verplaatst, of naar hun eigen tijd"),
    ),
    "rest_line": (("rest_line", "zin_rest"), ("Another place, or all else the same", "Andere plek, of de rest blijft")),
    "reply_line": (
        ("reply_line", "zin_komt_u"),
        ("Asks again, or asks to let us know", "Vraagt opnieuw, of vraagt te laten weten"),
    ),
    "seat_line": (
        ("seat_line", "zin_plek"),
        ("Only who has a seat: it stays", "Alleen wie een plek heeft: die blijft"),
    ),
    "rejoin": (
        ("rejoin", "zin_opnieuw"),
        ("Only while it makes sense: rejoin", "Alleen als het zin heeft: opnieuw aansluiten"),
    ),
    "list": (("list", "lijst"), ("One line for everybody it is about", "Eén regel voor ieder om wie het gaat")),
}
"""Sentences of the standard text that are only said when they hold, by the block of the notice's template."""


def called(name: str, language: Language) -> str:
    """What a text in `language` calls this value."""
    at = language == "nl"
    if name in BLOCKS:
        return BLOCKS[name][0][at]
    known = FIELDS.get(name[0].lower() + name[1:])
    word = known.called[at] if known else name
    return dates.cap_first(word) if name[0].isupper() else word


def label(name: str, page: Language) -> str:
    """What it stands for, in the language of the page."""
    at = page == "nl"
    if name in BLOCKS:
        return BLOCKS[name][1][at]
    known = FIELDS.get(name[0].lower() + name[1:])
    return known.label[at] if known else name.replace("_", " ")


def example(name: str, language: Language) -> str:
    known = FIELDS.get(name[0].lower() + name[1:])
    said = known.example[language == "nl"] if known else name.replace("_", " ")
    return dates.cap_first(said) if name[0].isupper() else said


def private(name: str) -> bool:
    known = FIELDS.get(name[0].lower() + name[1:])
    return known is not None and known.private


def shown(text: str, language: Language) -> str:
    """A stored text, with the names as they are called in its language."""
    return FIELD.sub(lambda found: "{" + called(found[1], language) + "}", text)


def stored(text: str, names: Mapping[str, str]) -> str:
    """The other way round; `names` from what they are called to what they are."""
    return FIELD.sub(lambda found: "{" + names.get(found[1], found[1]) + "}", text)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The name that was probably meant."""
    of = {each.lower(): each for each in known}
    found = get_close_matches(word.lower(), of, 1, 0.55)
    return of[found[0]] if found else None
