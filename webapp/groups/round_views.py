"""A mapping round for who organises it: who will be asked, how far it is, what was named, and what is decided about it."""

import secrets
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from webapp import clock, db, edge
from webapp.access import access, role
from webapp.accounts import audit
from webapp.accounts.letters import TABS, headers, letter
from webapp.groups import asking, merging, sampling, suggesting
from webapp.groups.models import NAME_AT_MOST, Asked, EndUserGroup, MappingRound
from webapp.groups.notices import MappingQuestion
from webapp.groups.views import labels, me, say_undo, standing
from webapp.i18n import Language
from webapp.mailframe import LINKS_OPEN_THE_PAGE, framed
from webapp.mailing.mime import Mail
from webapp.mailing.models import Message
from webapp.people import folded
from webapp.staff.models import StaffMember
from webapp.templating import language

blueprint = Blueprint("mapping", __name__)
Page = str | tuple[str, int] | Response

SHOWN = 60
"""Names of one layer that stand on the page before it starts."""


@blueprint.get("/groups/rounds/new")
@access(role("organiser"))
def new() -> str:
    """Who will be asked, before anybody is. Another number or another draw is a look, no more."""
    now = clock.now()
    layers = sampling.layers(now)
    seed = request.args.get("seed", "")[:32] or secrets.token_hex(4)
    wanted = {each.name: request.args.get(each.name, each.usual, type=int) for each in layers}
    sizes = sampling.allowed(wanted, now)
    people = sampling.shown(sampling.drawn(seed, sizes, now))
    days = request.args.get("days", 14, type=int)
    look = {"seed": seed, "days": days, **sizes}
    return render_template(
        "groups/round_new.html",
        **_letter_shown([member for member, _layer in people], look),
        layers_now=layers,
        sizes=sizes,
        wanted=wanted,
        seed=seed,
        other_seed=secrets.token_hex(4),
        people={each.name: [member for member, layer in people if layer == each.name] for each in layers},
        total=len(people),
        shown_at_most=SHOWN,
        fingerprint=sampling.fingerprint([member.id for member, _layer in people]),
        days=days if days in asking.DAYS_OPEN else 14,
        days_open=asking.DAYS_OPEN,
        big_enough=sampling.BIG_ENOUGH,
        without_team=sampling.without_team(),
        **labels(),
    )


@blueprint.get("/groups/rounds/new/<int:staff_id>/mail")
@access(role("organiser"))
def mail(staff_id: int) -> Response:
    """The html of one mail, alone, for the frame of the page before it; its links lead to pages that only show."""
    member = db.session.get(StaffMember, staff_id) or abort(404)
    return framed(_mail(member, request.args.get("asked", 1, type=int)).html, links_work=True)


@blueprint.get("/groups/rounds/new/<int:staff_id>/page")
@access(role("organiser"))
def page(staff_id: int) -> Response:
    """What the link in that mail will open: asked in a rehearsal, shown, and forgotten."""
    with db.rehearsal():
        asked = asking.rehearsed(db.session.get(StaffMember, staff_id) or abort(404), me(), clock.now())
        shown = current_app.create_url_adapter(request)
        assert shown is not None  # there is a request
        endpoint, values = shown.match(f"/preview/mapping/{asked.id}", method="GET")
        return make_response(current_app.view_functions[endpoint](**values))


def _letter_shown(people: list[StaffMember], look: dict[str, Any]) -> dict[str, Any]:
    """The mail of one of them, `?to=` (first the hardest to get right), and who is before and after."""
    by_mail = [each for each in people if each.address]
    worst = max(
        by_mail,
        key=lambda each: (each.address and each.address.locale != language(), len(each.name.full)),
        default=None,
    )
    ordered = [each for each in by_mail if each is worst] + [each for each in by_mail if each is not worst]
    place = next((at for at, each in enumerate(ordered) if str(each.id) == request.args.get("to")), 0)
    tab = request.args.get("tab", "")
    if not ordered:
        return {"shown": None}
    shown = ordered[place]
    letter = _mail(shown, len(people))
    return {
        "shown": shown,
        "before": ordered[place - 1] if place else None,
        "after": ordered[place + 1] if place + 1 < len(ordered) else None,
        "place": place,
        "count": len(ordered),
        "tab": tab if tab in TABS else TABS[0],
        "letter": letter,
        "headers": headers(letter),
        "frame": LINKS_OPEN_THE_PAGE,
        "look": look,
        "mail_src": url_for("mapping.mail", staff_id=shown.id, asked=len(people)),
    }


def _mail(member: StaffMember, count: int) -> Mail:
    """As it would leave now to one of `count`."""
    address = member.address or abort(404)
    locale: Language = "en" if address.locale == "en" else "nl"
    asked = Asked(round=MappingRound(started_by=me(), asked_count=count), staff=member)
    content, pages = MappingQuestion.content(locale, asked), url_for("mapping.page", staff_id=member.id)
    name, settings = member.name.full, edge.settings()
    made = letter(name, address, MappingQuestion, locale, content, "", "mapping", pages, settings)
    return made.mail(settings, clock.now())


@blueprint.post("/groups/rounds")
@access(role("organiser"))
def start() -> Response:
    """Exactly who was shown; the mail leaves after the hold."""
    form = request.form
    sizes = {layer.name: form.get(layer.name, 0, type=int) for layer in sampling.layers(clock.now())}
    days = form.get("days", 14, type=int)
    seed, shown = form.get("seed", "")[:32], form.get("shown", "")
    look_again = url_for("mapping.new") + "?" + urlencode({"seed": seed, "days": days, **sizes})
    try:
        made = asking.start(
            seed, sizes, shown, days if days in asking.DAYS_OPEN else 14, me(), clock.now(), edge.settings().hold
        )
    except asking.Changed:
        flash(
            _("Something changed in the meantime: somebody was asked or left. Read the new list, then start."),
            "warning",
        )
        return redirect(look_again, 303)
    if made is None:
        flash(_("There is nobody to ask."), "warning")
        return redirect(look_again, 303)
    _note("started mapping round", made)
    return redirect(url_for("mapping.show", round_id=made.id), 303)


@blueprint.get("/groups/rounds")
@access(role("viewer"))
def index() -> str:
    """All rounds, the last one first."""
    answered = func.count(Asked.answered_at)
    query = select(MappingRound, answered).outerjoin(Asked, Asked.round_id == MappingRound.id)
    rows = db.session.execute(query.group_by(MappingRound.id).order_by(MappingRound.id.desc())).all()
    return render_template("groups/rounds.html", rounds=rows, now=clock.now())


@blueprint.get("/groups/rounds/<int:round_id>")
@access(role("viewer"))
def show(round_id: int) -> str:
    """How many answered, and what was named: the names that wait for a decision, each with those it looks like."""
    found, now = _round(round_id), clock.now()
    asked, answered = asking.counts(found.id)
    state_: suggesting.State = next(
        (each for each in suggesting.STATES if each == request.args.get("state")), "waiting"
    )
    page = max(0, request.args.get("page", 0, type=int))
    named = suggesting.names(state_, found.id, page)
    counts = suggesting.counts(found.id)
    return render_template(
        "groups/round.html",
        round=found,
        asked=asked,
        answered=answered,
        by_layer=_by_layer(found),
        hold_left=max(0, round((found.released_at - now).total_seconds())),
        leaving=_leaving(found),
        is_open=found.open(now),
        now=now,
        state=state_,
        counts=counts,
        clusters=suggesting.clusters(named),
        groups=standing(),
        group_names={each.id: each.name for each in standing()},
        page=page,
        more=counts[state_] > (page + 1) * suggesting.PAGE,
        name_at_most=NAME_AT_MOST,
        **labels(),
    )


@blueprint.post("/groups/rounds/<int:round_id>/undo")
@access(role("organiser"))
def undo(round_id: int) -> Response:
    """Within the hold: nobody was asked."""
    found = _round(round_id)
    again = url_for("mapping.new") + "?" + urlencode({"seed": found.seed, **found.sizes})
    if not asking.undo(found, clock.now()):
        flash(_("Too late: the mail is leaving already. You can stop the round."), "warning")
        return redirect(url_for("mapping.show", round_id=round_id), 303)
    audit.note("took back mapping round", f"round-{round_id}", me(), clock.now())
    flash(_("Undone. Nothing was sent."), "saved")
    return redirect(again, 303)


@blueprint.post("/groups/rounds/<int:round_id>/stop")
@access(role("organiser"))
def stop(round_id: int) -> Response:
    found = _round(round_id)
    asking.stop(found, clock.now())
    _note("stopped mapping round", found)
    say_undo(_("The round has stopped. What was answered stays."), url_for("mapping.reopen", round_id=found.id))
    return redirect(url_for("mapping.show", round_id=found.id), 303)


@blueprint.post("/groups/rounds/<int:round_id>/reopening")
@access(role("organiser"))
def reopen(round_id: int) -> Response:
    found = _round(round_id)
    asking.reopen(found)
    _note("reopened mapping round", found)
    flash(_("The round goes on."))
    return redirect(url_for("mapping.show", round_id=found.id), 303)


@blueprint.post("/groups/decisions")
@access(role("organiser"))
def decide() -> Response:
    """About one name, or several that mean the same: a new group, another name of a group, or no group."""
    names = [" ".join(name.split())[:NAME_AT_MOST] for name in request.form.getlist("names") if name.strip()]
    back, what = request.form.get("back", ""), request.form.get("what", "")
    back = back if back.startswith("/groups") else "/groups"
    if not names:
        flash(_("Tick at least one name."), "warning")
        return redirect(back, 303)
    now, undoing = clock.now(), "mapping.undecide"
    if what == "aside":
        aside = merging.set_aside([folded(name) for name in names], me(), now)
        text = ngettext("One name is set aside.", "%(num)s names are set aside.", len(names))
        say_undo(text, url_for(undoing), {"aside": "\n".join(aside), "back": back})
        return redirect(back, 303)
    if what == "same":
        group = db.session.get(EndUserGroup, request.form.get("group", 0, type=int))
        if group is None:
            flash(_("Choose the group it is the same as."), "warning")
            return redirect(back, 303)
        made: list[EndUserGroup | None] = []
    else:
        called = " ".join(request.form.get("name", "").split())[:NAME_AT_MOST] or names[0]
        is_new = merging.find(called) is None
        group = merging.add(called, me(), now)
        made = [group] if is_new else []
    made += [merging.spell(name, group, me(), now) for name in names if merging.find(name) in (None, group)]
    audit.note("decided about names", f"group-{group.id}", me(), now, {"number": len(names)})
    text = ngettext(
        "One name belongs to %(group)s.", "%(num)s names belong to %(group)s.", len(names), group=group.name
    )
    undo_fields: dict[str, object] = {"groups": ",".join(str(each.id) for each in made if each), "back": back}
    say_undo(text, url_for(undoing), undo_fields)
    return redirect(back, 303)


@blueprint.post("/groups/decisions/undo")
@access(role("organiser"))
def undecide() -> Response:
    """The names wait for a decision again."""
    back = request.form.get("back", "")
    merging.take_back([name for name in request.form.get("aside", "").split("\n") if name.strip()])
    ids = [int(each) for each in request.form.get("groups", "").split(",") if each.isdigit()]
    found = db.session.scalars(select(EndUserGroup).where(EndUserGroup.id.in_(ids))).all()
    merging.part([each for each in found if each.merged_into_id is not None])
    kept = [each for each in found if each.merged_into_id is None and not merging.remove(each)]
    if kept:
        flash(_("Too late to undo: teams or other names belong to it by now. Merge it instead."), "warning")
    else:
        flash(_("Undone."))
    audit.note("took back a decision about names", "", me(), clock.now())
    return redirect(back if back.startswith("/groups") else "/groups", 303)


def _by_layer(found: MappingRound) -> list[tuple[str, int, int]]:
    """By layer: asked, and answered."""
    query = select(Asked.layer, func.count(), func.count(Asked.answered_at)).where(Asked.round_id == found.id)
    return list(db.session.execute(query.group_by(Asked.layer).order_by(func.min(Asked.id))))


def _leaving(found: MappingRound) -> tuple[int, int]:
    """Mails of the round that were written down, and those whose fate is known."""
    query = select(func.count(), func.count(Message.ended_at)).where(
        Message.notice == "mapping_question", Message.thread == f"round-{found.id}"
    )
    planned, ended = db.session.execute(query).one()
    return planned, ended


def _note(what: str, found: MappingRound) -> None:
    audit.note(what, f"round-{found.id}", me(), clock.now(), {"asked": found.asked_count})


def _round(round_id: int) -> MappingRound:
    return db.session.get(MappingRound, round_id) or abort(404)
