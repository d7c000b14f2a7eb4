"""Why somebody is not asked now, in words: the same on every page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from webapp import dates
from webapp.accounts.models import Organisation
from webapp.templating import language


def why_not(why: str, facts: Mapping[str, Any]) -> str:
    """One or two sentences; with the date from which it can be otherwise, where there is one."""
    since, date = (_day(facts.get(name)) for name in ("since", "date"))
    told = {"name": facts.get("name", ""), "since": since, "date": date}
    counted = {"n": facts.get("n", 0), "max": facts.get("max", 0), "date": date}
    words: dict[str, str] = {
        "not_yet": _("May not be asked yet: nobody recorded on what ground."),
        "withdrawn": _("Does not want to be asked again. Nobody can override that."),
        "ended": _("Consent to be asked has ended. Only this person can renew it."),
        "stop": _("Wants no more mail, since %(date)s. Only that person can undo this.", date=since),
        "unwanted": _("Wants no more invitations, since %(date)s. Only this person can undo that.", date=since),
        "complaint": _("Reported earlier mail as spam."),
        "bounce": _("This address does not exist. Mend it first."),
        "no_address": _("No e-mail address and no phone number."),
        "budget": _("Asked %(n)s times in 12 months; the limit is %(max)s. Possible again from %(date)s.", **counted),
        "rest": _("Resting after a visit, until %(date)s.", **told),
        "owner": _("The relationship owner said “not now”: %(name)s, on %(since)s.", **told),
        "owner_first": _("%(name)s is the relationship owner, and is asked first.", **told),
        "owner_waits": _("%(name)s, the relationship owner, was asked on %(since)s and did not answer yet.", **told),
        "owner_silent": _("%(name)s, the relationship owner, did not answer: now you decide.", **told),
    }
    return words[why]


def _day(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return dates.date(dates.local(moment, Organisation.required().zone), language())
