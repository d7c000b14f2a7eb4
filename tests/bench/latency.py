"""From due to taken by the relay: receipts of people who answer while a campaign goes out."""

import time
from statistics import quantiles

from sqlalchemy import func, select

from tests.bench import campaign
from tests.bench.ground import Ground
from tests.fixtures.services import started
from webapp import clock, db
from webapp.config import Settings
from webapp.invitations.models import Invitation
from webapp.local import commands
from webapp.local.part import Part
from webapp.mailing.models import Dispatch, Message

ANSWERS_A_SECOND = 10
MOST_SECONDS = 60


def seconds(ground: Ground, n: int) -> list[float]:
    """Of each receipt; ten people a second answer, until the campaign of `n` is out or a minute is over."""
    engine = db.connect(ground.database().render_as_string(hide_password=False))
    with campaign.sink(ground.folder) as port:
        told = ground.told(engine.url.render_as_string(hide_password=False)) | {
            "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(port),
        }  # fmt: skip
        Settings.from_environment(told)
        campaign.invite(n)
        campaign.plan(engine, n)
        parts = [
            Part("tick", commands.worker("tick", log_level="INFO"), ground.folder / "tick.log", told),
            Part("post", commands.worker("post", processes=2, log_level="INFO"), ground.folder / "post.log", told),
            Part("beat", commands.beat(ground.folder / "beat"), ground.folder / "beat.log", told),
        ]
        for part in parts:
            part.log.write_text("")
        for part in parts[:2]:
            part.ready = lambda part=part: " ready." in part.log.read_text()  # type: ignore[misc]  # each its own
        for part in parts:
            started(part)
        try:
            _answer(n)
            return _told()
        finally:
            for part in parts:
                part.kill()
            engine.dispose()


def _answer(n: int) -> None:
    began, answered = time.monotonic(), 0
    with db.transaction(read_only=True) as session:
        ids = session.scalars(
            select(Invitation.id).order_by(Invitation.id.desc()).limit(ANSWERS_A_SECOND * MOST_SECONDS)
        ).all()
    for id in ids:
        with db.transaction() as session:
            session.get_one(Invitation, id).answer("accepted", clock.now())
        answered += 1
        time.sleep(max(began + answered / ANSWERS_A_SECOND - time.monotonic(), 0))
        with db.transaction(read_only=True) as session:
            if not session.scalar(select(func.count()).select_from(Dispatch).where(Dispatch.lane == 2)):
                break
    assert answered > ANSWERS_A_SECOND, "The campaign was over before anybody answered."


def _told() -> list[float]:
    """Waits until the last one is out."""
    late = func.extract("epoch", Message.accepted_at - Message.due_at)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        time.sleep(2)
        with db.transaction(read_only=True) as session:
            if not session.scalar(select(func.count()).select_from(Dispatch)):
                found = session.scalars(select(late).where(Message.notice == "answer_receipt", Message.end == "sent"))
                return [float(each) for each in found]
    raise TimeoutError("Not everything left.")


def p95(found: list[float]) -> float:
    return quantiles(found, n=20)[-1]
