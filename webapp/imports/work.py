"""What the background does with lists: read them, apply them, take them back, and forget them. An edge: it opens and commits."""

from sqlalchemy import update

from webapp import clock, db
from webapp.imports.applying import Applying, turn
from webapp.imports.models import Import
from webapp.imports.reading import Reading
from webapp.imports.table import FileProblem
from webapp.imports.undoing import undo


def work() -> int:
    """Do what waits; returns how many lists were worked on. Another process that does the same is not in the way."""
    with db.transaction(read_only=True):
        waiting = Import.waiting()
    done = sum(map(_alone, waiting))
    with db.transaction():
        Import.forget(clock.now())
    return done


def _alone(import_id: int) -> bool:
    """Read, apply or undo one list, holding it for as long as that takes."""
    with db.transaction():
        found = Import.try_alone(import_id)
        if found is None or not found.waits:
            return False
        if found.read_at is None:
            _read(import_id)
        elif not turn():
            return False
        elif found.undo_asked_at is None:
            _apply(found)
        else:
            undo(found, clock.now())
        return True


def _read(import_id: int) -> None:
    """Read a list, committing as it goes: rows and progress are seen at once, and a crash begins anew over them."""
    try:
        with db.transaction() as session:
            reading = Reading(session.get_one(Import, import_id))
        more = True
        while more:
            with db.transaction():
                more = bool(reading.batch())
        with db.transaction():
            reading.finish(clock.now())
    except FileProblem as problem:
        with db.transaction() as session:
            session.get_one(Import, import_id).fail(problem, clock.now())


def _apply(of: Import) -> None:
    """Apply a list in the open transaction; only the progress is seen before it is over."""
    applying = Applying(of, clock.now())
    while applying.batch():
        with db.transaction() as session:
            session.execute(update(Import).where(Import.id == of.id).values(done=applying.done))
    applying.finish()
