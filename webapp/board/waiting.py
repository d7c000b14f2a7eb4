"""What waits for an organiser: one query per kind, so that a number in the menu and the rows on a page are the same."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Select,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)

from webapp import db
from webapp.accounts.models import Account
from webapp.board.outbox import trouble
from webapp.customers.asks import Ask
from webapp.customers.models import Consent, Contact, Customer
from webapp.customers.nominations import Nomination
from webapp.customers.owners import OwnerQuestion
from webapp.groups.models import Asked, MappingRound, Suggestion
from webapp.hosting.models import Incident, Promise
from webapp.imports.models import LEFT, Import, ImportRow
from webapp.invitations.models import Answer, Attendance, Invitation, Proposal
from webapp.invitations.notices.whom import ASKED_FOR
from webapp.mailing.models import Message, Pause
from webapp.staff.models import StaffMember
from webapp.stages.rule import at_most
from webapp.stages.standing import Standings
from webapp.stories import reviewing
from webapp.stories.models import Story, Thanks
from webapp.visits.models import Visit

AT_MOST = 50
"""Of one kind; a list of more is no list any more."""
TROUBLED_FOR = timedelta(days=14)
"""Mail that went wrong longer ago is history."""
TICKED_WITHIN = timedelta(days=28)
KINDS = (
    "paused", "incident", "proposal", "owner", "hint", "trouble", "attendance", "call", "promise", "silent",
    "nomination", "story", "thanks", "names", "draft", "import", "willing",
)  # fmt: skip
"""In the order of the page: what stands still, who waits for an answer, what went wrong, what is left to do."""


ME, NOW = bindparam("me", None, BigInteger), bindparam("now", None, DateTime(timezone=True))


@dataclass(frozen=True)
class Waiting:
    """What waits for `me`; with `mine` False what waits for others."""

    me: Account
    now: datetime
    mine: bool = True

    @cached_property
    def ids(self) -> list[tuple[str, int]]:
        """Kind and number of everything that waits."""
        standings = Standings(self.now)
        asked = _everything(self.mine, bool(standings.moved))
        rows = asked.rows(me=self.me.id, **standings.given)
        return [(KINDS[row.place], row.id) for row in rows]


@cache
def _everything(mine: bool, moved: bool) -> db.Written:
    """One statement for all kinds, made once: it is asked for the menu of every page."""
    questions = Questions(mine, Standings.to_write(moved))
    arms: dict[str, Callable[[], Select[int]]] = {
        "paused": questions.paused,
        "incident": questions.incidents,
        "proposal": questions.proposals,
        "owner": questions.owners,
        "hint": questions.hints,
        "trouble": questions.trouble,
        "attendance": questions.attendance,
        "call": questions.calls,
        "promise": questions.promises,
        "silent": questions.silent,
        "nomination": questions.nominations,
        "story": questions.stories,
        "thanks": questions.thanks,
        "names": questions.names,
        "draft": questions.drafts,
        "import": questions.imports,
        "willing": questions.willing,
    }
    few = [
        select(
            literal_column(str(KINDS.index(kind))).label("place"),
            arm().limit(at_most(AT_MOST)).subquery().c[0].label("id"),
        )
        for kind, arm in arms.items()
    ]
    return db.Written(union_all(*few).order_by("place", "id"))


@dataclass(frozen=True)
class Questions:
    """One row, with its number, for each thing of a kind; about `ME` at `NOW`."""

    mine: bool
    standings: Standings

    @cached_property
    def _of_visit(self) -> ColumnElement[bool]:
        """Visits that I organise or host; or those of others."""
        hosts = exists().where(StaffMember.id == Visit.host_id, StaffMember.account_id == ME)
        mine = or_(Visit.organiser_id == ME, hosts)
        return mine if self.mine else ~mine

    @property
    def _ahead(self) -> ColumnElement[bool]:
        return and_(Visit.cancelled_at.is_(None), Visit.starts_at > NOW, self._of_visit)

    def _everybody(self, query: Select[int]) -> Select[int]:
        """What belongs to no visit waits for every organiser."""
        return query if self.mine else query.where(literal(False))

    def paused(self) -> Select[int]:
        return self._everybody(select(Pause.id))

    def incidents(self) -> Select[int]:
        """A host says that something went wrong, and nobody has seen to it."""
        return select(Incident.id).join(Incident.visit).where(Incident.seen_at.is_(None), self._of_visit)

    def promises(self) -> Select[int]:
        """Promised to somebody who told, and not done yet: mine to keep, or others'."""
        mine = Promise.owner_id == ME if self.mine else Promise.owner_id != ME
        return select(Promise.id).where(Promise.done_at.is_(None), mine)

    def proposals(self) -> Select[int]:
        """Suggests another time, not decided, and it is their last word."""
        open_ones = (Answer.latest, Proposal.decided_at.is_(None), Proposal.because_full.is_(False))
        return (
            select(Proposal.id)
            .join(Answer, Proposal.answer_id == Answer.id)
            .join(Invitation, Proposal.invitation_id == Invitation.id)
            .join(Visit)
            .where(*open_ones, ~ASKED_FOR, Invitation.withdrawn_at.is_(None), self._ahead)
        )

    def _open(self) -> Select[int]:
        """Invitations of customers that nobody answered."""
        unanswered = (Invitation.partstat == literal_column("'needs-action'"), Invitation.withdrawn_at.is_(None))
        return select(Invitation.id).join(Visit).where(*unanswered, Invitation.customer_id.is_not(None), self._ahead)

    def owners(self) -> Select[int]:
        """A relationship owner who did not answer in time: somebody who organises decides."""
        question, by = OwnerQuestion, OwnerQuestion.asked_by_id
        mine = or_(by == ME, by.is_(None)) if self.mine else by != ME
        return select(question.id).where(question.answer.is_(None), question.due_at <= NOW, mine)

    def hints(self) -> Select[int]:
        """Tapped an answer so long ago that a mail reminds of it, and did not confirm."""
        return self._open().where(Invitation.nudge_at <= NOW)

    def trouble(self) -> Select[int]:
        """Mail that did not arrive, and that nobody has seen to: one per mailbox."""
        about = and_(Message.thread == func.concat("visit-", Visit.id), self._of_visit)
        other = ~exists().where(Message.thread == func.concat("visit-", Visit.id))
        ours = or_(exists().where(about), other) if self.mine else exists().where(about)
        recent = Message.ended_at > NOW - TROUBLED_FOR
        return select(func.max(Message.id)).where(trouble(), recent, ours).group_by(Message.address_id)

    def attendance(self) -> Select[int]:
        """Visits that were, about which nobody noted who was there."""
        unticked = exists().where(
            Invitation.visit_id == Visit.id,
            Invitation.coming(),
            ~exists().where(Attendance.invitation_id == Invitation.id),
        )
        over = and_(Visit.ends_at <= NOW, Visit.ends_at > NOW - TICKED_WITHIN)
        return select(Visit.id).where(
            over, Visit.finished_at.is_(None), Visit.cancelled_at.is_(None), self._of_visit, unticked
        )

    def calls(self) -> Select[int]:
        """Has no mailbox: is phoned."""
        return self._open().where(Invitation.by_phone, Invitation.released_at <= NOW)

    def silent(self) -> Select[int]:
        """Visits with people who did not answer after two reminders."""
        silent = self._open().where(
            Invitation.unanswered_at <= NOW, Invitation.by_phone.is_(False), Invitation.hint.is_(None)
        )
        return silent.with_only_columns(Invitation.visit_id).distinct()

    def stories(self) -> Select[int]:
        """Told and to be checked, or approved and to be shared: my own; what has no organiser waits for everybody."""
        by = Story.organiser_id
        mine = or_(by == ME, by.is_(None)) if self.mine else by != ME
        return select(Story.id).where(reviewing.ours(), mine)

    def thanks(self) -> Select[int]:
        """What colleagues wrote back, not read along yet."""
        by = Story.organiser_id
        mine = or_(by == ME, by.is_(None)) if self.mine else by != ME
        return select(Thanks.id).join(Thanks.story).where(reviewing.to_check(), Story.readable(), mine)

    def nominations(self) -> Select[int]:
        """Nominated, and nothing was done with it yet. Of several nominations of somebody, the first."""
        step = (
            exists().where(table.customer_id == Nomination.customer_id, at >= Nomination.at)
            for table, at in ((Ask, Ask.at), (OwnerQuestion, OwnerQuestion.asked_at), (Contact, Contact.at),
                              (Consent, Consent.at), (Invitation, Invitation.invited_at))
        )  # fmt: skip
        first = select(func.min(Nomination.id)).join(Nomination.customer)
        still = (Nomination.outcome.is_(None), Customer.erased_at.is_(None), ~or_(*step))
        return self._everybody(first.where(*still).group_by(Nomination.customer_id))

    def names(self) -> Select[int]:
        """Mapping rounds with names about which nobody decided: my own, or those of others."""
        by = MappingRound.started_by_id
        found = select(MappingRound.id).where(by == ME if self.mine else by != ME)
        waits = exists().where(Asked.round_id == MappingRound.id, Suggestion.asked_id == Asked.id, Suggestion.waits())
        return found.where(waits)

    def drafts(self) -> Select[int]:
        """People were chosen, and nothing was sent."""
        chosen = func.jsonb_array_length(Visit.draft["customers"]) + func.jsonb_array_length(Visit.draft["staff"])
        return select(Visit.id).where(self._ahead, Visit.draft.is_not(None), chosen > 0)

    def imports(self) -> Select[int]:
        """Lists with rows that need a look, not taken over."""
        left = exists().where(ImportRow.import_id == Import.id, ImportRow.state.in_(LEFT))
        brought = Import.account_id == ME if self.mine else Import.account_id != ME
        still = (Import.apply_asked_at.is_(None), Import.applied_at.is_(None), Import.forgotten_at.is_(None))
        return select(Import.id).where(brought, *still, Import.read_at.is_not(None), left)

    def willing(self) -> Select[int]:
        """One row when people would like to come and have had no date for a week."""
        long = self.standings.ids(self.standings.waits_long("willing")).limit(at_most(1))
        return self._everybody(select(cast(literal_column("0"), BigInteger)).where(exists(long.subquery().select())))
