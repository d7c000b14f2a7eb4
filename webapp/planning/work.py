"""What the background does with seasons: search, keep each better plan, and go on where a worker died. An edge: it commits."""

from time import monotonic

from sqlalchemy import delete, insert, select

from webapp import clock, db, logs
from webapp.planning.explaining import Reason, reasons, unreached
from webapp.planning.gathering import as_lines, problem_of
from webapp.planning.models import LEASE, TAKES_AT_MOST, PlannedLine, SeasonPlan
from webapp.planning.problem import Draft, Problem
from webapp.planning.solving import Effort, Solved, solve

KEEP_EVERY = 1.0
"""Seconds: what is found between is soon overtaken."""


def work(effort: Effort | None = None) -> bool:
    """Search for one plan that waits; whether there was one. Other processes take others."""
    with db.transaction():
        plan = SeasonPlan.take(clock.real())
        if plan is None:
            return False
        mine, takes = plan.id, plan.takes
        if takes > TAKES_AT_MOST:
            plan.failed_at = clock.now()
            return True
    try:
        with db.transaction(read_only=True) as session:
            plan = session.get_one(SeasonPlan, mine)
            problem = problem_of(plan, clock.now())
            found = as_lines(plan.lines, problem.slots)
        keeping = _Keeping(mine, takes, problem)
        if problem.slots:
            keeping.finish(solve(problem, effort, keeping.keep, keeping.asked_to_stop, found))
        else:
            keeping.finish(None)
    except Exception as error:
        logs.failed("season plan failed", error)
        with db.transaction() as session:
            session.get_one(SeasonPlan, mine).failed_at = clock.now()
    return True


class _Keeping:
    """Of one search: what it found, in the database, for as long as the lease is ours."""

    def __init__(self, plan_id: int, takes: int, problem: Problem) -> None:
        self.plan_id, self.takes, self.problem = plan_id, takes, problem
        self.kept_at: float | None = None

    def keep(self, found: Solved) -> None:
        if self.kept_at is not None and monotonic() < self.kept_at + KEEP_EVERY:
            return
        self.kept_at = monotonic()
        with db.transaction():
            if (plan := self._mine()) is not None:
                self._write(plan, found)

    def asked_to_stop(self) -> bool:
        """Whether somebody did, or another worker has taken over; a plan that is ours stays ours."""
        with db.transaction():
            plan = self._mine()
            if plan is None:
                return True
            if plan.leased_until is not None and plan.leased_until - clock.real() < LEASE / 2:
                plan.leased_until = clock.real() + LEASE
            return plan.stop_asked_at is not None

    def finish(self, found: Solved | None) -> None:
        with db.transaction():
            if (plan := self._mine()) is not None:
                if found is not None:
                    self._write(plan, found)
                plan.finished_at = clock.now()

    def _mine(self) -> SeasonPlan | None:
        held = select(SeasonPlan).where(SeasonPlan.id == self.plan_id).with_for_update()
        plan = db.session.scalar(held)
        return plan if plan is not None and plan.takes == self.takes and plan.runs else None

    def _write(self, plan: SeasonPlan, found: Solved) -> None:
        problem, now = self.problem, clock.now()
        pins = Draft(problem)
        db.session.execute(delete(PlannedLine).where(PlannedLine.plan_id == plan.id))
        rows = [
            {
                "plan_id": plan.id, "team_id": line.team, "customer_id": person, "room_id": line.room,
                "wall": problem.slots[line.slot], "pinned_at": now if line in pins.pins else None,
                "reasons": [_said(each) for each in reasons(problem, line) if each.person in (None, person)],
            }
            for line in found.lines
            for person in line.people
        ]  # fmt: skip
        if rows:
            db.session.execute(insert(PlannedLine), rows)
        plan.better += 1
        plan.reached, plan.teams = len({line.team for line in found.lines}), len(problem.teams)
        plan.gap, plan.seconds = found.gap, round(found.seconds)
        plan.unreached = [[team, why] for team, why in unreached(problem, found.lines).items()]
        plan.lost = [[line.team, why] for line, why in pins.lost]


def _said(reason: Reason) -> dict[str, object]:
    return {"kind": reason.kind, **reason.facts}
