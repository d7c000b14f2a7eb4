"""What an organiser does with what the host wrote down: a promise is kept, a report was seen."""

from flask import Blueprint, abort, flash, redirect, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp import clock, db
from webapp.access import access, role
from webapp.accounts import audit
from webapp.accounts.signing_in import safe_path
from webapp.hosting.models import Incident, Promise

blueprint = Blueprint("hosting", __name__)


@blueprint.post("/promises/<int:promise_id>/kept")
@access(role("organiser"))
def kept(promise_id: int) -> Response:
    """Whoever does it says so; it waits no more."""
    promise = db.session.get(Promise, promise_id) or abort(404)
    if promise.done_at is None:
        promise.done_at, promise.done_by_id = clock.now(), current_user.account.id
        audit.note("kept a promise", promise.visit.thread, current_user.account, clock.now(), {"promise": promise.id})
    flash(_("Promise kept."), "saved")
    return _back(f"/visits/{promise.visit_id}")


@blueprint.post("/incidents/<int:incident_id>/seen")
@access(role("organiser"))
def seen(incident_id: int) -> Response:
    incident = db.session.get(Incident, incident_id) or abort(404)
    if incident.seen_at is None:
        incident.seen_at, incident.seen_by_id = clock.now(), current_user.account.id
        audit.note("saw a report", incident.visit.thread, current_user.account, clock.now(), {"incident": incident.id})
    flash(_("Seen to."), "saved")
    return _back(f"/visits/{incident.visit_id}")


def _back(otherwise: str) -> Response:
    return redirect(safe_path(request.form.get("next") or otherwise), 303)
