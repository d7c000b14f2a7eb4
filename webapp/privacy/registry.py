"""Every personal column of every table: whose it is, what it is for, how long it is kept, and what erasing does with it.

One line a table. `way` is the column that leads to the person: to a row of another table of this list, and so on up to a
customer, a staff member, an account or a mailbox. Export, erasure and retention walk these lines (`walking.py`), so a new
table is a line here, and a test says so until it is. A column of text or JSON that is about nobody is in NOT_PERSONAL.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal

from webapp.links import Scope

Kind = Literal["customer", "staff_member", "account", "address"]
ROOTS: tuple[Kind, ...] = ("customer", "staff_member", "account", "address")
"""The tables whose rows are a person, or the mailbox that a person reads."""
Purpose = Literal["reach", "visit", "consent", "mail", "story", "map", "account", "list", "evidence"]
Clock = Literal[
    "customers", "staff", "accounts", "mail", "incoming", "links", "lists", "attendance", "stories", "days", "stays"
]
Erase = Literal["delete", "blank", "keep"]
SUBJECT = "subject"
"""A way: what the row is about follows from another column of it (a notice, or the scope of a link)."""
NOBODY = "–"
"""What stands where a name was."""


@dataclass(frozen=True)
class Held:
    """What one table holds of a person. `blank` says what is written over each column; the row stays, and is counted."""

    table: str
    ways: tuple[str, ...]
    columns: tuple[str, ...]
    purpose: Purpose
    clock: Clock
    erase: Erase
    blank: dict[str, Any]
    contact: str
    """Its moment column, when the row is a contact with a customer: the clock of customers runs from the last one."""
    only: str
    """A column that must have a value for erasing to touch the row."""


def held(
    table: str, way: str, columns: str, purpose: Purpose, clock: Clock, erase: Erase, contact: str = "", only: str = ""
) -> Held:
    """`columns` are words, each with `=value` (JSON, or a bare text) where blank is not simply nothing."""
    named = [word.partition("=") for word in columns.split()]
    blank = {name: _value(text) for name, given, text in named if given}
    return Held(
        table, tuple(way.split()), tuple(name for name, _, _ in named), purpose, clock, erase, blank, contact, only
    )


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


_NAME = f"title given={NOBODY} particle family sorting phone"
_KNOWN = "organisation relationship_owner note source"
_STORY = "told_to before turning_point what_changed who_played_a_part not_to_be_told title text byline"
_TOLD = "name text before turning_point what_changed who_played_a_part not_to_be_told uses={}"
_ROW = "cells=[] typed={} values={} problems=[] changes={} key before"

REGISTRY: tuple[Held, ...] = (
    # People, and the mailboxes they read
    held("customer", "address_id", f"address_id {_NAME} {_KNOWN}", "reach", "customers", "blank", "added_at"),
    held("staff_member", "address_id account_id", f"address_id account_id {_NAME}", "visit", "staff", "blank"),
    held("account", "address_id", f"name={NOBODY} phone password_hash", "account", "accounts", "blank"),
    held("address", "", "email unwanted={} suppressed_why", "reach", "customers", "blank"),
    # Customers
    held("consent", "customer_id", "wording attribution", "consent", "customers", "delete", "at"),
    held("contact", "customer_id", "words", "reach", "customers", "delete", "at"),
    held("standing", "customer_id", "stage", "visit", "customers", "delete"),
    held("ask", "customer_id", "about reason", "consent", "customers", "delete", "at"),
    held("owner_question", "customer_id owner_id", "answer", "reach", "customers", "delete"),
    held("nomination", "customer_id nominator_id", "why visit_team", "reach", "customers", "delete", "at"),
    held("consent_request", "customer_id", "reason", "consent", "customers", "delete", "asked_at"),
    # Stories, and what colleagues said
    held("telling", "address_id story_id", _TOLD, "story", "days", "delete"),
    held("story", "customer_id", _STORY, "story", "stories", "delete", "told_at"),
    held("story_version", "story_id", "title byline text", "story", "stories", "delete", "at"),
    held("story_picture", "story_id", "content alt", "story", "stories", "delete"),
    held("story_request", "story_id", "reason", "story", "customers", "delete", "released_at"),
    held("story_reader", "staff_id", "released_at", "story", "staff", "delete"),
    held("thanks", "story_id staff_id", "text", "story", "stories", "delete"),
    held("asked", "staff_id", "answered_at", "map", "staff", "keep"),
    held("suggestion", "asked_id", "text folded", "map", "staff", "keep"),
    # Visits
    held("planned_line", "customer_id", "wall reasons", "visit", "customers", "delete"),
    held("invitation", "customer_id staff_id", "calendar_uid hint needs", "visit", "customers", "keep", "invited_at"),
    held("answer", "invitation_id", "nonce", "visit", "customers", "blank", "given_at"),
    held("proposal", "invitation_id", "times={}", "visit", "customers", "blank", "at"),
    held("attendance", "invitation_id", "present", "visit", "attendance", "keep", "at"),
    held("care", "invitation_id", "pause companion done", "visit", "attendance", "delete"),
    held("promise", "invitation_id", "words", "visit", "attendance", "delete"),
    held("waiting_place", "invitation_id", "ended", "visit", "customers", "keep"),
    held("reply", "invitation_id", "sender text", "visit", "incoming", "delete", "at"),
    held("register", "invitation_id", "answered", "visit", "customers", "keep"),
    # Mail
    held("message", f"{SUBJECT} address_id", "reply why_facts", "mail", "mail", "blank"),
    held("said", "message_id", "own", "mail", "mail", "delete"),
    held("delivery_event", "message_id", "detail", "mail", "mail", "blank"),
    held("incoming_mail", "message_id", "raw", "mail", "incoming", "blank"),
    held("suppression", "address_id", "reason choice", "consent", "stays", "delete"),
    held("link", SUBJECT, "selector", "mail", "links", "delete"),
    held("link_request", "address_id", "scope", "mail", "customers", "delete"),
    # Lists that were brought
    held("import_row", "customer_id staff_id", _ROW, "list", "lists", "blank"),
    held("import", "import_row.import_id", "content", "list", "lists", "blank", only="applied_at"),
    # Who signs in
    held("sign_in", "account_id", "key device", "account", "accounts", "delete"),
    held("sign_in_link", "account_id", "used_at", "account", "accounts", "delete"),
    held("account_change", "account_id address_id", "what", "account", "accounts", "delete"),
    held("mail_test", "account_id", "server", "account", "accounts", "delete"),
    held("colleague_invitation", "address_id", f"name={NOBODY}", "account", "accounts", "blank"),
    # What is written here
    held("data_export", "customer_id staff_id address_id", "content", "consent", "days", "delete"),
    held("erasure", "address_id", "salutation", "consent", "days", "blank"),
)  # fmt: skip

WITHOUT_A_WAY: dict[str, tuple[str, Clock]] = {
    "shared_content.content": ("what mails said alike; erased with the last mail that said it", "mail"),
    "mail_sample.content": ("a test of a mail to an organiser, of which a customer may be the example", "days"),
    "import.filename": ("what somebody called their list", "lists"),
    "visit.draft": ("ids of who is chosen; erasing takes the id out", "stays"),
    "exposure.debrief": ("what colleagues take with them, in the host's words, without names", "attendance"),
    "incident.words": ("what went wrong, in the host's words; goes with who was there", "attendance"),
    "pause.by": ("the name of who paused mail, until it is resumed", "days"),
    "erased_address.hash": (
        "a keyed hash that nobody can read back: so that an erased person is not mailed again",
        "stays",
    ),
}
"""Personal, and not to be found by a walk: each has its own end."""

SCOPES: dict[Scope, str | None] = {
    "answer": "invitation",
    "slots": "customer",
    "survey": "register",
    "host": None,
    "stop": "address",
    "data": "address",
    "staff": "address",
    "owner": "owner_question",
    "mapping": "asked",
    "story": "story",
    "confirm": "telling",
    "sign_in": "sign_in_link",
    "colleague": "colleague_invitation",
    "export": "data_export",
    "feed_organiser": "account",
    "feed_host": "staff_member",
    "feed_team": None,
    "feed_room": None,
}
"""By scope of a link the table of its subject; None: of no one person."""

SECRET = frozenset(
    {"password_hash", "key", "selector", "nonce", "content", "raw", "calendar_uid", "public_id", "sorting"}
)
"""Columns that no export shows: keys, and files. Their rows are in it."""

NOT_PERSONAL: dict[str, str] = {
    "account.role": "a key",
    "account.theme": "a key",
    "answer.kind": "a key",
    "answer.channel": "a key",
    "audit_entry.*": "ids and keys; who did it is an account",
    "ballot.*": "belongs to nobody: no person, no time, no order",
    "waiting_ballot.*": "belongs to nobody, under a random key",
    "budget.domain": "the name of a mail server",
    "consent.use": "a key",
    "consent.ground": "a key",
    "consent.channel": "a key",
    "colleague_invitation.role": "a key",
    "nomination.outcome": "a key",
    "contact.what": "a key",
    "customer.end_user_group": "the name of a group; kept, so that who was heard stays counted",
    "delivery_event.state": "a key",
    "dispatch.*": "gone when the mail has left",
    "erasure.*": "keys; who it was is not written",
    "heartbeat.part": "a key",
    "import.*": "how a list is read, and the words that were said with it",
    "import_row.state": "a key",
    "import_row.decision": "a key",
    "incoming_mail.sha256": "of bytes that are wiped",
    "incoming_mail.kind": "a key",
    "incoming_mail.came_of": "a key",
    "invitation.partstat": "a key",
    "link.scope": "a key",
    "mail_sample.key": "a random key",
    "message.*": "keys and ids",
    "notice_start.notice": "a key",
    "organisation.*": "about the organisation",
    "pause.scope": "a key",
    "retention.*": "settings",
    "retention_report.counts": "numbers",
    "room.*": "about a room",
    "said.shared_id": "a number",
    "season.*": "days, times and bounds, for everybody alike",
    "season_plan.*": "how far a search is; ids of teams, and why they meet nobody",
    "series.*": "about days on which visits can be, for everybody alike",
    "shared_content.id": "a number",
    "team.*": "about a team",
    "ask.kind": "a key",
    "asked.layer": "a key",
    "end_user_group.*": "about a group of people, and nobody in it",
    "mapping_round.*": "chance, and sizes",
    "owner_question.kind": "a key",
    "rewording.*": "the words of a mail, for everybody alike",
    "set_aside.folded": "the name of a group",
    "story.source": "a key",
    "campaign.*": "what an organiser called a link; ids",
    "telling.form": "a random key",
    "story.end_user_group": "the name of a group",
    "story.principle": "a key",
    "story_version.kind": "a key",
    "story_version.search": "worked out from its text",
    "team_group_link.does": "what a team's work does for a group",
    "erasure_key.*": "a wrapped key",
    "exposure.told": "a key",
    "exposure.way": "a key",
    "visit.*": "about a visit: place, reason and times, for everybody alike",
    "visit_move.before": "place and time of a visit",
    "wave.*": "keys",
    "whereabouts.database": "which database this is",
    "*.locale": "a key",
}
"""Text, JSON and bytes that are about nobody, and why."""


def of_table(table: str) -> tuple[Held, ...]:
    return tuple(each for each in REGISTRY if each.table == table)
