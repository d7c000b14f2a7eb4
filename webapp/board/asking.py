"""What a person's page says about being asked: what is allowed until when, how often we may still ask, and the owner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp import db
from webapp.accounts.models import Organisation
from webapp.board.saying import _, day_short, ngettext
from webapp.board.wording import use_name
from webapp.customers import asks
from webapp.customers.asks import YEAR, Ask, MayNotAsk
from webapp.customers.models import USES, Consent, Customer
from webapp.customers.owners import OwnerQuestion, last_questions, owner_of
from webapp.customers.refusing import why_not
from webapp.customers.requests import ConsentRequest
from webapp.staff.models import StaffMember

RENEWED_BEFORE = timedelta(days=30)


@dataclass(frozen=True)
class Allowed:
    """One use: whether, and until when."""

    name: str
    yes: bool
    under: str


@dataclass(frozen=True)
class Asking:
    """Of one customer, at `now`."""

    customer: Customer
    now: datetime

    @property
    def uses(self) -> Sequence[Allowed]:
        return [Allowed(use_name(use), self.customer.agreed(use), self._under(self.customer.last(use))) for use in USES]

    def _under(self, last: Consent | None) -> str:
        if last is None:
            return _("not asked")
        if last.ground in ("agreed", "existing"):
            return _("until %(day)s", day=day_short(last.expires_at)) if last.expires_at else _("no end")
        return {"withdrawn": _("rather not"), "ended": _("ended on %(day)s", day=day_short(last.at))}.get(
            last.ground, _("not yet")
        )

    @property
    def renewed_on(self) -> str:
        """The day of the mail that asks whether it may go on."""
        ends = [each.expires_at for use in USES if self.customer.agreed(use) and (each := self.customer.last(use))]
        first = min((end for end in ends if end), default=None)
        return day_short(first - RENEWED_BEFORE) if first and first - RENEWED_BEFORE > self.now else ""

    @property
    def heading(self) -> str:
        left = max(Organisation.required().asks_a_year - len(self.recent), 0)
        return (
            ngettext("May be asked once more", "May be asked %(num)s times more", left)
            if left
            else _("Asked enough for now")
        )

    @property
    def rule(self) -> str:
        setting = Organisation.required()
        often = ngettext("Once in twelve months", "%(num)s times in twelve months", setting.asks_a_year)
        return _(
            "%(often)s, over all organisers together; %(days)s days' rest after a visit.",
            often=often,
            days=setting.rest_days,
        )

    @property
    def recent(self) -> Sequence[Ask]:
        mine = (Ask.customer_id == self.customer.id, Ask.at > self.now - YEAR)
        return db.session.scalars(select(Ask).where(*mine).order_by(Ask.at)).all()

    @property
    def asked(self) -> Sequence[str]:
        kinds: Mapping[str, str] = {"visit": _("for a visit"), "story": _("for a story"), "consent": _("for consent")}
        return [f"{day_short(each.at)}: {kinds[each.kind]}" for each in self.recent]

    @property
    def against(self) -> str:
        """Why not now, in words."""
        found: MayNotAsk | None = asks.limits([self.customer], self.now).get(self.customer.id)
        return why_not(found.why, found.facts) if found else ""

    @property
    def owner(self) -> StaffMember | None:
        return owner_of(self.customer)

    @property
    def question(self) -> OwnerQuestion | None:
        return last_questions([self.customer.id]).get(self.customer.id)

    @property
    def open_request(self) -> ConsentRequest | None:
        return ConsentRequest.open_of(self.customer.id)
