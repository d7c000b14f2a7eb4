"""The best plan there is, or how much better one could be: CP-SAT from the greedy plan, and the better of the two.

Weights make three aims into one number, whose digits they are (`Scale`): so the solver's bound is read back as a bound on each.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any

from webapp.planning.greedy import greedy
from webapp.planning.problem import Draft, Line, Problem, Value

Better = Callable[["Solved"], None]
Stop = Callable[[], bool]
ASK_EVERY = 0.5
"""Seconds between two times that we ask whether to stop."""


@dataclass(frozen=True)
class Effort:
    """How long and with how many cores at most; the same seed searches in the same way."""

    seconds: float = 60.0
    workers: int = 2
    seed: int = 1


@dataclass(frozen=True)
class Solved:
    """The best plan so far, and what no plan can exceed."""

    lines: Sequence[Line]
    value: Value
    bound: Value
    """No plan is worth more than this; the later digits say something once the earlier ones are reached."""
    seconds: float

    @property
    def proven(self) -> bool:
        """Nothing better exists."""
        return self.value >= self.bound

    @property
    def gap(self) -> int:
        """Per cent, rounded up, by which a plan could be better at most, in the first aim that is not known to be reached."""
        for ours, most in zip(self.value, self.bound, strict=True):
            if ours < most:
                return ceil(100 * (most - ours) / max(ours, 1))
        return 0


@dataclass(frozen=True)
class Scale:
    """What one of each aim weighs: more than all of the next together."""

    turn: int
    reach: int

    @classmethod
    def of(cls, problem: Problem) -> "Scale":
        turn = len(problem.stood) + 1
        return cls(turn, turn * (1 + sum(each.turn for each in problem.people)))

    def weighed(self, value: Value) -> int:
        return value.reach * self.reach + value.turns * self.turn + value.kept

    def read(self, number: int) -> Value:
        reach, rest = divmod(number, self.reach)
        return Value(reach, *divmod(rest, self.turn))


def solve(
    problem: Problem,
    effort: Effort | None = None,
    better: Better = lambda found: None,
    stop: Stop = lambda: False,
    known: Sequence[Line] = (),
) -> Solved:
    """Search until nothing better exists, the time is over or `stop` says so; `better` hears of each better plan.

    `known` is what an earlier search found: of it is kept what still holds.
    """
    search = _Search(problem, effort or Effort(), better)
    search.found(greedy(problem, known))
    if not stop():
        search.run(stop)
    return search.best


class _Search:
    def __init__(self, problem: Problem, effort: Effort, better: Better) -> None:
        self.problem, self.effort, self.better = problem, effort, better
        self.scale, self.began, self.lock = Scale.of(problem), monotonic(), Lock()
        self.bound = self._at_best()
        self.lines: Sequence[Line] | None = None

    def _at_best(self) -> int:
        """Everybody meets somebody, everybody is heard, nothing changes."""
        everything = Value(
            sum(map(self.problem.reach, self.problem.teams)),
            sum(each.turn for each in self.problem.people),
            len(self.problem.stood),
        )
        return self.scale.weighed(everything)

    @property
    def best(self) -> Solved:
        assert self.lines is not None  # the greedy plan came first
        value = self.problem.value(self.lines)
        return Solved(self.lines, value, max(value, self.scale.read(self.bound)), monotonic() - self.began)

    def found(self, lines: Sequence[Line]) -> None:
        """A plan; told when it is the best so far."""
        with self.lock:
            if self.lines is not None and self.problem.value(lines) <= self.problem.value(self.lines):
                return
            self.lines = lines
        self.better(self.best)

    def bounded(self, bound: float) -> None:
        self.bound = min(self.bound, floor(bound + 1e-6))

    def run(self, stop: Stop) -> None:
        from ortools.sat.python import cp_model  # heavy: 60 MB that no page needs

        model = _Model(self.problem, cp_model.CpModel())
        model.build(self.scale)
        model.hint(self.lines or ())
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = max(0.01, self.effort.seconds - (monotonic() - self.began))
        solver.parameters.num_workers = self.effort.workers
        solver.parameters.random_seed = self.effort.seed
        solver.best_bound_callback = self.bounded
        found, read = self.found, model.read

        class Heard(cp_model.CpSolverSolutionCallback):
            def on_solution_callback(self) -> None:
                found(read(self.boolean_value))

        over = Event()
        asking = Thread(target=_ask, args=(stop, solver.stop_search, over), daemon=True)
        asking.start()
        try:
            status = solver.solve(model.model, Heard())
        finally:
            over.set()
            asking.join()
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            self.bounded(solver.best_objective_bound)
            self.found(read(solver.boolean_value))
        elif status == cp_model.MODEL_INVALID:
            raise ValueError(model.model.validate())


def _ask(stop: Stop, halt: Callable[[], None], over: Event) -> None:
    while not over.wait(ASK_EVERY):
        if stop():
            halt()


class _Model:
    """The problem in the solver's words: who meets which team in which slot, and which team meets when."""

    def __init__(self, problem: Problem, model: Any) -> None:
        self.problem, self.model = problem, model
        self.pinned = Draft(problem)
        """The pins that hold: they are no question any more."""
        self.meets: dict[tuple[int, int, int], Any] = {}
        """Team, slot, person."""
        self.visit: dict[tuple[int, int], Any] = {}
        """Team, slot."""

    def build(self, scale: Scale) -> None:
        self._choices()
        self._people()
        reached = self._teams()
        for slot in range(len(self.problem.slots)):
            self._slot(slot)
        self._order(reached)
        problem = self.problem
        weights = {
            key: problem.person[key[2]].turn * scale.turn + (key in problem.stood) for key in self.meets
        }  # fmt: skip
        self.model.maximize(
            sum(problem.reach(problem.team[team]) * scale.reach * met for team, met in reached.items())
            + sum(weights[key] * meets for key, meets in self.meets.items())
            + scale.weighed(problem.value(self.pinned.pins))
        )

    def hint(self, lines: Iterable[Line]) -> None:
        meetings = {meeting for line in lines for meeting in line.meetings}
        for (team, slot, person), meets in self.meets.items():
            self.model.add_hint(meets, (team, slot, person) in meetings)
        held = {(team, slot) for team, slot, _person in meetings}
        for key, visit in self.visit.items():
            self.model.add_hint(visit, key in held)

    def read(self, chosen: Callable[[Any], bool]) -> list[Line]:
        """The plan in which these choices are true."""
        draft = Draft(self.problem)
        for (team, slot, person), meets in self.meets.items():
            if chosen(meets):
                draft.put(self.problem.person[person], self.problem.team[team], slot)
        return draft.lines()

    def _choices(self) -> None:
        """Everything that is possible by itself, beside the pins."""
        most = self.problem.bounds.storytellers
        for team in self.problem.teams:
            able = [person for person in self.problem.people if self.problem.may_meet(person, team)]
            for slot in sorted(team.slots):
                here = [person.id for person in able if self.pinned.may_join(person, team, slot)]
                if not here or not self.pinned.may_open(team, slot, alone=True):
                    continue
                meets = {person: self.model.new_bool_var("") for person in here}
                visit = self.visit[team.id, slot] = self.model.new_bool_var("")
                self.meets.update({(team.id, slot, person): each for person, each in meets.items()})
                self.model.add(sum(meets.values()) >= visit)
                self.model.add(sum(meets.values()) <= most * visit)
                for each in meets.values():
                    self.model.add_implication(each, visit)

    def _people(self) -> None:
        turns: dict[int, list[Any]] = {}
        for (_team, _slot, person), meets in self.meets.items():
            turns.setdefault(person, []).append(meets)
        for each in turns.values():
            self.model.add_at_most_one(each)

    def _teams(self) -> dict[int, Any]:
        """How often each meets, and how far apart; of teams without a pin, whether they meet anybody."""
        mine: dict[int, list[int]] = {}
        for team, slot in self.visit:
            mine.setdefault(team, []).append(slot)
        pins = [line.team for line in self.pinned.pins]
        reached = {}
        for team, slots in mine.items():
            visits = [self.visit[team, slot] for slot in slots]
            self.model.add(
                sum(visits) <= self.problem.bounds.visits - self.problem.team[team].planned - pins.count(team)
            )
            for window in self._windows(slots):
                self.model.add_at_most_one(self.visit[team, slot] for slot in window)
            if team not in pins:
                met = reached[team] = self.model.new_bool_var("")
                self.model.add(met <= sum(visits))
                for visit in visits:
                    self.model.add_implication(visit, met)
        return reached

    def _windows(self, slots: Sequence[int]) -> Iterable[list[int]]:
        """Slots of which any two are too close together, as many as possible in each."""
        last = -1
        for slot in slots:
            window = [each for each in slots if each >= slot and self.problem.close(slot, each)]
            if window[-1] > last:
                last = window[-1]
                yield window

    def _slot(self, slot: int) -> None:
        """As many visits as may be at once, and as there are rooms that are big enough (Hall's theorem: nested needs)."""
        here = {team: visit for (team, at), visit in self.visit.items() if at == slot}
        at_once = self.problem.bounds.at_once
        if at_once is not None:
            self.model.add(sum(here.values()) <= at_once - sum(line.slot == slot for line in self.pinned.pins))
        if self.problem.bounds.online:
            return
        seats = [room.seats for room in self.pinned.seats(slot)]
        for need in {self.problem.team[team].staff for team in here}:
            big = [visit for team, visit in here.items() if self.problem.team[team].staff >= need]
            if (rooms := sum(each >= need for each in seats)) < len(big):
                self.model.add(sum(big) <= rooms)

    def _order(self, reached: dict[int, Any]) -> None:
        """Whoever was drawn later has no visit before the first of whoever was drawn earlier, if that one has any."""
        drawn = [team for team in self.problem.order if team in self.problem.team]
        first: dict[int, int] = {}
        for line in self.pinned.pins:
            first[line.team] = min(line.slot, first.get(line.team, line.slot))
        mine = {team: [slot for each, slot in self.visit if each == team] for team in drawn}
        for place, later in enumerate(drawn):
            visits: list[tuple[int, Any]] = [(slot, self.visit[later, slot]) for slot in mine[later]]
            visits += [(first[later], 1)] if later in first else []
            for earlier in drawn[:place]:
                met = 1 if earlier in first else reached.get(earlier, 0)
                for slot, visit in visits:
                    by_then = [self.visit[earlier, each] for each in mine[earlier] if each <= slot]
                    pinned = int(earlier in first and first[earlier] <= slot)
                    self.model.add(visit + met <= 1 + sum(by_then) + pinned)
