"""A notice: one kind of mail. Whom it is for, its moment, when it lapses, which fact it tells, and what it says.

The clock is put on from outside, as a window: the sweep asks `due(now - window, now)`, the guard `still_due`,
and the outbox `due(now, now + 14 days)`. So there is one query for what will, may and might have been sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, Text, cast, literal

from webapp import db
from webapp.i18n import Language
from webapp.links import Scope

OWN = ("salutation", "first_name")
"""Values that differ from reader to reader, beside their links; a mail only says them."""
Reader = Literal["customer", "staff", "organiser", "system", "survey"]
"""Decides greeting, signature and foot: `copy.md`'s hello, sign and foot."""
Choice = Literal["invitations", "surveys", "stories"]
When = datetime | ColumnElement[datetime]
"""A moment, or what stands for it in a statement that is made once and asked again and again."""


@dataclass(frozen=True)
class Ref:
    """A link to be: which door, for whom, and what follows the token. Stored with a message; opens nothing by itself."""

    scope: Scope | None
    subject_id: int = 0
    suffix: str = ""
    """After the token: `/times`, `?answer=accepted`. With scope None: a path for who signs in."""


class Wording(NamedTuple):
    """An organiser's own words in place of the standard ones, with `{names}` of values: data, never a template."""

    subject: str
    preheader: str
    heading: str
    words: str


@dataclass(frozen=True)
class Content:
    """What one mail says: plain values and links to be, nothing that works by itself. Goes to JSON and back."""

    values: dict[str, Any]
    links: dict[str, Ref] = field(default_factory=dict)
    sender: str = ""
    """The person it is from; the address is the organisation's."""
    reply_to: tuple[str, str] | None = None
    to_name: str = ""
    calendar: dict[str, Any] | None = None
    """A `CalendarEntry` as plain values; who makes the file knows the rest."""
    sample_of: str = ""
    """Another notice: this is a test of that mail, to who organises, in the `language` of who would get it."""
    language: str = ""
    wording: Wording | None = None

    @property
    def own_values(self) -> dict[str, str]:
        return {name: self.values[name] for name in OWN if self.values.get(name)}

    @property
    def own(self) -> dict[str, Any]:
        """What of it is said to this reader alone."""
        return {
            "values": self.own_values,
            "subjects": {ref.scope: ref.subject_id for ref in self.links.values() if ref.scope},
            "to_name": self.to_name,
            "calendar": self.calendar,
        }

    def shared(self, own: Mapping[str, Any]) -> tuple[Any, ...]:
        """The rest, which many are told: can be looked up by, where its values are plain ones."""
        subjects = own["subjects"]
        return (
            tuple([pair for pair in self.values.items() if pair[0] not in own["values"]]),
            tuple([
                (name, ref.scope, None if subjects.get(ref.scope) == ref.subject_id else ref.subject_id, ref.suffix)
                for name, ref in self.links.items()
            ]),
            self.sender, self.reply_to, self.sample_of, self.language, *([self.wording] if self.wording else []),
        )  # fmt: skip

    @classmethod
    def joined(cls, shared: Sequence[Any], own: Mapping[str, Any]) -> "Content":
        """Both parts, as they come back from JSON."""
        values, links, sender, reply_to, sample_of, language, *wording = shared
        subjects = own["subjects"]
        return cls(
            dict(values) | own["values"],
            {name: Ref(scope, subjects[scope] if at is None else at, suffix) for name, scope, at, suffix in links},
            sender, tuple(reply_to) if reply_to else None, own["to_name"], own["calendar"], sample_of, language,
            Wording(*wording[0]) if wording else None,
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        own = self.own
        return {"shared": self.shared(own), "own": own}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Content":
        return cls.joined(stored["shared"], stored["own"])

    def valued(self, **values: Any) -> "Content":
        return replace(self, values={**self.values, **values})

    def with_links(self, **links: Ref) -> "Content":
        return replace(self, links=self.links | links)


@dataclass(frozen=True)
class Refusal:
    """Why a message does not leave: how it ends, the key of the sentence, and the facts in it."""

    end: str
    why: str
    facts: dict[str, Any] = field(default_factory=dict)


class Notice:
    """Subclass it, never make one: a mapped column read through an instance would be something else."""

    name: ClassVar[str]
    folder: ClassVar[str]
    """Of its templates, when it shares them; else its name."""
    title: ClassVar[tuple[str, str]]
    """What organisers call it: (en, nl)."""
    reader: ClassVar[Reader]
    why: ClassVar[str]
    """Key of "why you get this"."""
    lane: ClassVar[Literal["urgent", "normal", "campaign"]] = "normal"
    about: ClassVar[Any]
    """The subject's id column; (notice, subject, occurrence) is mailed once."""
    to: ClassVar[Any]
    """The address id column."""
    thread: ClassVar[Any] = None
    """Text expression, equal for mails that belong to one conversation (a visit)."""
    moment: ClassVar[Any]
    """Column or expression of the fact's moment."""
    after: ClassVar[timedelta] = timedelta(0)
    lapses: ClassVar[timedelta]
    """Makes no sense this much later than due."""
    stops: ClassVar[Any] = None
    """Column: makes no sense from that moment on."""
    occurrence: ClassVar[Any] = literal("")
    """Text expression: the fact the mail tells. Same fact, no second mail."""
    entities: ClassVar[tuple[Any, ...]] = ()
    """What `content` is given, row by row: mapped classes of `whom`."""
    asks: ClassVar[bool] = False
    """Asks, reminders and surveys carry one-click unsubscribe, and wait for the day; receipts and changes do not."""
    choice: ClassVar[Choice | None] = None
    """The kind of mail that its readers may choose to get no more of. None: it follows from what they did or said."""
    despite_stop: ClassVar[bool] = False
    """Leaves although the address stopped mail: only what the reader asked for this minute."""
    fixed: ClassVar[bool] = False
    """Nobody rewords it: it is about signing in, an account or a right."""
    by: ClassVar[tuple[str, ...]] = ()
    """Values on which it says something else altogether, so that each combination has words of its own."""
    variants: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """Those combinations, by `variant`, as organisers call them: (en, nl)."""

    all: ClassVar[dict[str, type["Notice"]]] = {}

    def __init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not abstract:
            if "folder" not in cls.__dict__:
                cls.folder = cls.name
            Notice.all[cls.name] = cls

    @classmethod
    def whom(cls) -> Select[Any]:
        """Whom it is for, now: a query over facts, without a clock."""
        raise NotImplementedError

    @classmethod
    def options(cls) -> Sequence[Any]:
        """Loader options, so that a batch costs a constant number of queries."""
        return ()

    @classmethod
    def content(cls, language: Language, *row: Any) -> Content:
        """What it says to this reader, from the facts as they are now."""
        raise NotImplementedError

    @classmethod
    def variant(cls, values: Mapping[str, Any]) -> str:
        """Which of its `variants` these values make it."""
        return ".".join(str(values.get(name, "")).lower() for name in cls.by)

    @classmethod
    def on_clock(cls, *row: Any) -> tuple[str, datetime]:
        """Of who is asked: by which time zone they live, and from when on it makes no sense."""
        raise NotImplementedError

    @classmethod
    def why_not(cls, subject_id: int, now: datetime) -> Refusal | None:
        """Why a planned message is no longer due, in words; None: nothing better than "no longer needed"."""
        return None

    @classmethod
    def calendar(cls, content: Content, links: Mapping[str, str], made_at: datetime) -> tuple[str, bytes] | None:
        """The calendar file that goes along, with its METHOD; from `content.calendar` alone, so that it can be made again."""
        return None

    @classmethod
    def answerable(cls, content: Content, mailbox: str, reader: str) -> Content:
        """With a calendar file whose answer goes to `mailbox`. Only who makes the file knows how it asks."""
        return content

    @classmethod
    def due_at(cls) -> ColumnElement[datetime]:
        moment: ColumnElement[datetime] = cls.moment + cls.after if cls.after else cls.moment
        return moment

    @classmethod
    def due(cls, since: When, until: When, at: datetime | None = None) -> Select[Any]:
        """Who is due in (since, until]: subject_id, occurrence, address_id, thread, due_at.

        `at` is the moment of asking, for mail that stops at a fact; default `until`. The arithmetic stands on our
        side of the comparison, so that an index on the moment serves.
        """
        query = cls.whom().with_only_columns(
            cls.about.label("subject_id"),
            cast(cls.occurrence, Text).label("occurrence"),
            cls.to.label("address_id"),
            cast(cls.thread if cls.thread is not None else literal(None), Text).label("thread"),
            cls.due_at().label("due_at"),
            maintain_column_froms=True,
        )
        query = query.where(cls.moment > since - cls.after, cls.moment <= until - cls.after, cls.to.is_not(None))
        return query if cls.stops is None else query.where(cls.stops > (until if at is None else at))

    @classmethod
    def still_due(cls, now: datetime, subjects: Sequence[int]) -> Select[Any]:
        """The guard: which of these subjects are still due, with what they are told."""
        return cls.due(now - cls.lapses, now).where(db.among(cls.about, subjects))

    @classmethod
    def upcoming(cls, now: datetime, until: datetime) -> Select[Any]:
        """The preview: who becomes due in (now, until], if nothing changes. A mail that would stop first is left out."""
        query = cls.due(now, until, at=now)
        return query if cls.stops is None else query.where(cls.stops > cls.due_at())

    @classmethod
    def load(cls, now: datetime, subjects: Sequence[int]) -> Sequence[Row[Any]]:
        """Guard and facts in one query: rows of (subject_id, occurrence, address_id, thread, due_at, *entities)."""
        query = cls.still_due(now, subjects).add_columns(*cls.entities).options(*cls.options())
        return db.session.execute(query).all()
