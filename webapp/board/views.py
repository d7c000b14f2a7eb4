"""Today: one list of what waits for me, what just came in, what comes next. And finding somebody."""

import hashlib
from collections.abc import Sequence

from flask import Blueprint, g, make_response, render_template, request
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from webapp import clock, dates, db
from webapp.access import access, role
from webapp.accounts.models import Account
from webapp.board import feed, first_run, searching
from webapp.board.saying import _, ngettext, place, today, wall
from webapp.board.waiting import Waiting
from webapp.board.waiting_rows import rows
from webapp.invitations import visit_list
from webapp.invitations.models import Invitation
from webapp.templating import language

blueprint = Blueprint("board", __name__)

NEXT_VISITS = 3
NOON, EVENING = 12, 18


@blueprint.get("/today")
@access(role("viewer"))
def today_page() -> str:
    visits = visit_list.listed(clock.now(), past=False, limit=NEXT_VISITS, called_off=False)
    return render_template(
        "board/today.html",
        greeting=_greeting(),
        steps=first_run.steps(_me().role == "admin"),
        visits=visits,
        place=place,
        tellers=_tellers([each.visit.id for each in visits]),
        today=today(),
        **_waiting(),
        **_news(feed.newest()),
    )


@blueprint.get("/today/waiting")
@access(role("viewer"))
def waiting_now() -> Response:
    """What waits, again: nothing when nothing changed."""
    return _unless_same(_waiting_etag(_mine()), lambda: render_template("board/_waiting.html", live=True, **_waiting()))


@blueprint.get("/live")
@access(role("viewer"))
def live() -> Response:
    """The last answers, again: nothing when there are none since. One request every five seconds from each open page."""
    since = request.args.get("since", 0, type=int)
    return _unless_same(
        _news_etag(), lambda: render_template("board/_news.html", live=True, today=today(), **_news(since))
    )


@blueprint.get("/search")
@access(role("viewer"))
def search() -> str:
    asked = request.args.get("q", "").strip()[:200]
    return render_template("board/search.html", query=asked, found=searching.search(asked), today=today())


def waiting_count() -> int:
    """The number in the menu."""
    return len(_mine().ids)


def _tellers(visits: Sequence[int]) -> dict[int, list[str]]:
    """By visit the customers who come to tell."""
    coming = (
        select(Invitation)
        .where(Invitation.visit_id.in_(visits), Invitation.customer_id.is_not(None), Invitation.coming())
        .options(joinedload(Invitation.customer))
        .order_by(Invitation.id)
    )
    found: dict[int, list[str]] = {}
    for invitation in db.session.scalars(coming):
        found.setdefault(invitation.visit_id, []).append(invitation.person.name.full)
    return found


def _waiting() -> dict[str, object]:
    mine, others = _mine(), Waiting(_me(), clock.now(), mine=False)
    shown = others if request.args.get("whose") == "others" else mine
    found = rows(shown)
    return {
        "rows": found,
        "situation": _situation(len(found)),
        "waiting_etag": _waiting_etag(mine),
        "others": len(others.ids),
        "of_others": shown is others,
    }


def _news(since: int) -> dict[str, object]:
    news = feed.latest(since)
    new = sum(each.new for each in news)
    return {
        "news": news,
        "newest": feed.newest(),
        "new": new,
        "said": ngettext("One new answer", "%(num)s new answers", new) if new else "",
        "news_etag": _news_etag(),
        "at": dates.clock(wall(clock.now())),
    }


def _situation(count: int) -> str:
    """`vier dingen wachten op jou`."""
    words = dates.in_words(count, language())
    return (
        ngettext("one thing waits for you", "%(words)s things wait for you", count, words=words)
        if count
        else _("all done")
    )


def _greeting() -> str:
    hour, name = wall(clock.now()).hour, _me().first_name
    if hour < NOON:
        return _("Good morning %(name)s", name=name)
    return _("Good afternoon %(name)s", name=name) if hour < EVENING else _("Good evening %(name)s", name=name)


def _mine() -> Waiting:
    """Of this request: the number in the menu, the rows and their etag are one question."""
    if "waiting" not in g:
        g.waiting = Waiting(_me(), clock.now())
    waiting: Waiting = g.waiting
    return waiting


def _waiting_etag(waiting: Waiting) -> str:
    return _etag(request.args.get("whose"), *waiting.ids)


def _news_etag() -> str:
    return _etag(feed.newest())


def _etag(*facts: object) -> str:
    """Changes with these facts, the day and the language."""
    return hashlib.sha256(repr((facts, today(), language())).encode()).hexdigest()[:16]


def _unless_same(etag: str, fragment: object) -> Response:
    """304 when the page has this already; otherwise the fragment."""
    if request.if_none_match.contains(etag):
        response = make_response("", 304)
    else:
        assert callable(fragment)
        response = make_response(fragment())
    response.set_etag(etag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _me() -> Account:
    account: Account = current_user.account
    return account
