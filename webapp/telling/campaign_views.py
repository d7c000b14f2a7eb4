"""The organiser's side of the public page: a link for each occasion, its code on a card, and how many came."""

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select
from werkzeug.wrappers import Response as Redirect

from webapp import clock, db, edge
from webapp.access import access, role
from webapp.accounts import audit
from webapp.accounts.models import Account, Organisation
from webapp.customers.models import Customer
from webapp.staff.models import Team
from webapp.telling import qr
from webapp.telling.forms import CampaignForm
from webapp.telling.models import Campaign, Telling
from webapp.telling.public_views import PATHS

blueprint = Blueprint("campaigns", __name__)
Page = str | Redirect | tuple[str, int]
SHOWN, GROUPS_NAMED = 200, 50


@blueprint.route("/stories/campaigns", methods=["GET", "POST"])
@access(role("viewer"))
def index() -> Page:
    """Every link, the newest first, and a form for another."""
    form = CampaignForm()
    form.team_id.choices = [
        (0, _("No team")),
        *[(team.id, team.name) for team in db.session.scalars(select(Team).order_by(Team.name))],
    ]
    if form.is_submitted():
        _only_organisers()
    if form.validate_on_submit():
        made = Campaign(
            slug=form.slug.data, title=form.title.data or "", group=form.group.data or "", team_id=form.team_id.data or None,
            made_by_id=_me().id, made_at=clock.now(),
        )  # fmt: skip
        db.session.add(made)
        db.session.flush()
        audit.note("made a campaign", f"campaign-{made.id}", _me(), clock.now(), {})
        return redirect(url_for("campaigns.show", campaign_id=made.id), 303)
    newest = select(Campaign).order_by(Campaign.id.desc()).limit(SHOWN)
    page = render_template(
        "telling/campaigns.html",
        form=form,
        campaigns=db.session.scalars(newest).all(),
        counts=_counts(),
        everybody=address(None),
        groups=Customer.groups(GROUPS_NAMED),
    )
    return (page, 422) if form.is_submitted() else page


@blueprint.get("/stories/campaigns/<int:campaign_id>")
@access(role("viewer"))
def show(campaign_id: int) -> str:
    campaign = _campaign(campaign_id)
    told, confirmed = _counts().get(campaign.id, (0, 0))
    return render_template(
        "telling/campaign.html", campaign=campaign, told=told, confirmed=confirmed,
        addresses=[(language, address(campaign, language)) for language in PATHS],
    )  # fmt: skip


@blueprint.get("/stories/campaigns/<int:campaign_id>/code.svg")
@access(role("viewer"))
def code(campaign_id: int) -> Response:
    """The code alone, for a poster of one's own."""
    where = address(_campaign(campaign_id))
    return Response(qr.svg(where, where), mimetype="image/svg+xml")


@blueprint.get("/stories/campaigns/<int:campaign_id>/card")
@access(role("viewer"))
def card(campaign_id: int) -> str:
    """A5, to be printed and laid on a table."""
    campaign = _campaign(campaign_id)
    return render_template("telling/card.html", campaign=campaign, where=address(campaign))


@blueprint.post("/stories/campaigns/<int:campaign_id>/closing")
@access(role("organiser"))
def close(campaign_id: int) -> Redirect:
    """Nothing comes in through this link any more; what came stays. Pressed again, it is open again."""
    campaign, now = _campaign(campaign_id), clock.now()
    campaign.closed_at = None if campaign.closed_at else now
    audit.note(
        "closed a campaign" if campaign.closed_at else "reopened a campaign", f"campaign-{campaign.id}", _me(), now, {}
    )
    flash(_("Closed.") if campaign.closed_at else _("Open again."), "saved")
    return redirect(url_for("campaigns.show", campaign_id=campaign.id), 303)


def address(campaign: Campaign | None, language: str = "") -> str:
    """Where the page is, in the organisation's language when none is asked for."""
    path = PATHS["en" if (language or Organisation.required().locale) == "en" else "nl"]
    return edge.settings().base_url + path + (f"/{campaign.slug}" if campaign else "")


def _counts() -> dict[int, tuple[int, int]]:
    """By campaign: how many forms came that are still kept, and how many were confirmed."""
    each = select(Telling.campaign_id, func.count(), func.count(Telling.confirmed_at)).group_by(Telling.campaign_id)
    return {id or 0: (told, confirmed) for id, told, confirmed in db.session.execute(each)}


def _campaign(campaign_id: int) -> Campaign:
    return db.session.get(Campaign, campaign_id) or abort(404)


def _only_organisers() -> None:
    if not _me().may("organiser"):
        abort(404)


def _me() -> Account:
    account: Account = current_user.account
    return account
