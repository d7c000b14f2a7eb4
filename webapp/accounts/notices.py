"""Mail that lets people in, and what their account wants them to know. Signed by Firsthand, for the organisation."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select

from webapp import dates, db
from webapp.accounts.models import (
    INVITATION_WORKS_FOR,
    SIGN_IN_LINK_WORKS_FOR,
    Account,
    AccountChange,
    ColleagueInvitation,
    MailTest,
    Organisation,
    SignInLink,
)
from webapp.i18n import Language
from webapp.mailing.notices import Content, Notice, Ref, Refusal


class FromTheSystem(Notice, abstract=True):
    """Asked for by its reader, or about their own account: leaves whatever mail they stopped."""

    reader, why = "system", "account"
    lane, lapses, despite_stop = "urgent", timedelta(days=1), True


class SignInMail(FromTheSystem):
    """At once; of no use when the link no longer works, or was used."""

    name, title, why = "sign_in_link", ("Sign-in link", "Inloglink"), "link"
    about, to = SignInLink.id, Account.address_id
    moment, lapses = SignInLink.asked_at, SIGN_IN_LINK_WORKS_FOR
    entities = (SignInLink,)

    @classmethod
    def whom(cls) -> Select[Any]:
        asked = select(SignInLink).join(SignInLink.account)
        return asked.where(SignInLink.used_at.is_(None), Account.disabled_at.is_(None))

    @classmethod
    def content(cls, language: Language, *row: Any) -> Content:
        (link,) = row
        until = dates.time(_here(link.expires_at), language)
        return _to(link.account, {"expires_time": until}, sign_in=Ref("sign_in", link.id))


class ColleagueMail(FromTheSystem):
    """At once, to who is asked to organise along."""

    name, title = "colleague_invitation", ("Colleague invitation", "Uitnodiging collega")
    about, to = ColleagueInvitation.id, ColleagueInvitation.address_id
    moment, lapses, stops = ColleagueInvitation.invited_at, INVITATION_WORKS_FOR, ColleagueInvitation.expires_at
    despite_stop = False
    entities = (ColleagueInvitation,)

    @classmethod
    def whom(cls) -> Select[Any]:
        invited = ColleagueInvitation
        return select(invited).where(invited.accepted_at.is_(None), invited.withdrawn_at.is_(None))

    @classmethod
    def content(cls, language: Language, *row: Any) -> Content:
        (invited,) = row
        values = {
            "first_name": invited.name.split()[0] if invited.name.split() else "",
            "inviter_name": invited.inviter.name,
            "role": invited.role,
            "expires_day": dates.day(_here(invited.expires_at), language),
        }
        return Content(values, {"accept": Ref("colleague", invited.id)}, invited.inviter.name, to_name=invited.name)

    @classmethod
    def why_not(cls, subject_id: int, now: datetime) -> Refusal | None:
        invited = db.session.get_one(ColleagueInvitation, subject_id)
        fact = "answered" if invited.accepted_at else "withdrawn" if invited.withdrawn_at else None
        return Refusal("not_needed", "not_needed", {"fact": fact}) if fact else None


class AccountChanged(FromTheSystem):
    """At once, to the address of then: whoever took an account over does not read it alone."""

    name, title = "account_changed", ("Account changed", "Account gewijzigd")
    about, to = AccountChange.id, AccountChange.address_id
    moment, lapses = AccountChange.at, timedelta(days=7)
    entities = (AccountChange,)

    @classmethod
    def whom(cls) -> Select[Any]:
        return select(AccountChange)

    @classmethod
    def content(cls, language: Language, *row: Any) -> Content:
        (change,) = row
        at, admin = _here(change.at), _admin(besides=change.account)
        values = {
            "changed": change.what,
            "Day": dates.cap_first(dates.day(at, language)),
            "time": dates.time(at, language),
            "admin_name": admin.name,
            "admin_phone": admin.phone or Organisation.required().phone,
        }
        return _to(change.account, values, mine=Ref(None, 0, "/account"))


class MailTestMail(FromTheSystem):
    """At once, to the admin who asked."""

    name, title = "mail_test", ("Test mail", "Testmail")
    about, to = MailTest.id, Account.address_id
    moment = MailTest.at
    entities = (MailTest,)

    @classmethod
    def whom(cls) -> Select[Any]:
        return select(MailTest).join(MailTest.account)

    @classmethod
    def content(cls, language: Language, *row: Any) -> Content:
        (test,) = row
        at = _here(test.at)
        values = {"date": dates.date(at, language), "time": dates.time(at, language), "mail_server": test.server}
        return _to(test.account, values)


def _here(moment: datetime) -> datetime:
    """What the clock of the organisation says."""
    return dates.local(moment, Organisation.required().zone)


def _to(account: Account, values: dict[str, Any], **links: Ref) -> Content:
    return Content({"first_name": account.first_name, **values}, links, to_name=account.name)


def _admin(besides: Account) -> Account:
    """Who can help: the longest-serving admin, somebody else when there is one."""
    admins = select(Account).where(Account.role == "admin", Account.disabled_at.is_(None))
    return db.session.scalars(admins.order_by(Account.id == besides.id, Account.id)).first() or besides
