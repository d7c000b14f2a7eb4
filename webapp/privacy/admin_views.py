"""How long things are kept, what was let go of and what will be; and who did what."""

from datetime import date, datetime, time, timedelta

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Select, func, select
from werkzeug.wrappers import Response

from webapp import clock, db, edge, zones
from webapp.access import access, role
from webapp.accounts.audit import AuditEntry
from webapp.accounts.models import Account, Organisation
from webapp.privacy import deeds, retention, words
from webapp.privacy.registry import REGISTRY

blueprint = Blueprint("privacy_admin", __name__)
Page = str | Response | tuple[str, int]
ON_A_PAGE = 100


@blueprint.route("/admin/privacy", methods=["GET", "POST"])
@access(role("admin"))
def privacy() -> Page:
    """Shorter is always possible, longer than usual never."""
    wrong: dict[str, str] = {}
    lengths = retention.kept()
    if request.method == "POST":
        wrong = _shorten(lengths)
        if not wrong:
            flash(_("Saved. From the coming night on."), "saved")
            return redirect("/admin/privacy", 303)
        db.session.rollback()
    now = clock.now()
    page = render_template(
        "privacy/retention.html", kinds=retention.KINDS, lengths=lengths, problems=wrong, typed=request.form,
        names=deeds.kinds(), coming=retention.coming(now), reports=retention.reports(), counted_to=retention.COUNTED_TO,
        registry=_registry(),
    )  # fmt: skip
    return (page, 422) if wrong else page


def _shorten(lengths: dict[retention.Kind, int]) -> dict[str, str]:
    """Every length that changed; returns what is wrong, by kind."""
    wrong: dict[str, str] = {}
    for kind in retention.KINDS:
        typed = request.form.get(kind.kind, "").strip()
        if typed == str(lengths[kind.kind]):
            continue
        try:
            units = int(typed) if typed.isascii() and typed.isdigit() else 0
            retention.shorten(kind, units, _me(), clock.now())
        except retention.TooLong:
            wrong[kind.kind] = _("A number from %(least)s to %(most)s.", least=kind.shortest, most=kind.longest)
    return wrong


def _registry() -> list[tuple[str, str, str]]:
    """What is held of people, for what, and how long: a line for each kind."""
    language = edge.language()
    titles, purposes, clocks = words.tables(language), words.purposes(language), words.clocks(language)
    first = {held.table: held for held in reversed(REGISTRY)}
    return [
        (titles[name], purposes[first[name].purpose], clocks[first[name].clock]) for name in titles if name in first
    ]


@blueprint.get("/admin/audit")
@access(role("admin"))
def audit_log() -> str:
    """The newest first; by who, what and when."""
    query = _filtered(select(AuditEntry, Account).outerjoin(Account, Account.id == AuditEntry.account_id))
    before = request.args.get("before", type=int)
    if before:
        query = query.where(AuditEntry.id < before)
    found = db.session.execute(query.order_by(AuditEntry.id.desc()).limit(ON_A_PAGE + 1)).all()
    accounts = [(each.id, each.name) for each in db.session.scalars(select(Account).order_by(Account.name))]
    sealed = db.session.scalar(select(func.max(AuditEntry.place)))
    return render_template(
        "privacy/audit.html", rows=found[:ON_A_PAGE], older=found[ON_A_PAGE - 1][0].id if len(found) > ON_A_PAGE else None,
        accounts=accounts, kinds=deeds.words(), said=deeds.said, about=deeds.about, asked=request.args, sealed=sealed,
    )  # fmt: skip


def _filtered(query: Select[AuditEntry, Account]) -> Select[AuditEntry, Account]:
    who, what, about = (request.args.get(name, "").strip() for name in ("who", "what", "about"))
    if who.isdigit():
        query = query.where(AuditEntry.account_id == int(who[:18]))
    elif who == "nobody":
        query = query.where(AuditEntry.account_id.is_(None))
    if what:
        query = query.where(AuditEntry.what == what)
    if about:
        query = query.where(AuditEntry.about == about)
    since, until = _day("since"), _day("until")
    if since:
        query = query.where(AuditEntry.at >= since)
    if until:
        query = query.where(AuditEntry.at < until + timedelta(days=1))
    return query


def _day(name: str) -> datetime | None:
    """The beginning of a day on the organisation's clock."""
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return datetime.combine(day, time(), zones.zone(Organisation.required().zone))


def _me() -> Account:
    account: Account = current_user.account
    return account
