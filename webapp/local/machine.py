"""`firsthand demo` and `firsthand up`: which parts there are, what each is told, and in which order they start."""

import errno
import json
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Self

from webapp.config import Settings, SettingsError
from webapp.local import commands, postgres, valkey
from webapp.local.binaries import Binaries
from webapp.local.home import CannotStart, Home, default, explained
from webapp.local.part import Part
from webapp.local.postgres import Postgres
from webapp.local.supervisor import Stopped, Supervisor

DATABASE = "firsthand"
_HOST = "127.0.0.1"
_NOT_IN_A_DEMO = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SECRET_KEY_FALLBACKS")
"""And MAIL_*, IMAP_*: a demo cannot reach real people, whatever the environment says."""
_ANSWER_SECONDS = 2.0


class Machine:
    """One installation on this machine. `say` prints one line for the person at the terminal."""

    def __init__(self, environ: Mapping[str, str], *, demo: bool, say: Callable[[str], None]) -> None:
        self.demo, self.say = demo, say
        refused = {name for name in environ if demo and (name in _NOT_IN_A_DEMO or name.startswith(("MAIL_", "IMAP_")))}
        self.given = {name: value for name, value in environ.items() if value and name not in refused}
        for name in sorted(refused):
            say(f"The demo keeps to itself: {name} is not used.")
        chosen = self.given.get("FIRSTHAND_HOME")
        self.home = Home(Path(chosen).expanduser().absolute() if chosen else default(environ, demo=demo))
        self.sockets: list[socket.socket] = []
        """Kept open as long as this process lives: a part that is started again finds the same one."""

    def run(self) -> None:
        """Start everything, say where it is, and keep it running until somebody stops it. Raises CannotStart."""
        self._settings(self._told(secret_key="?" * 32, mail_port=1))  # a wrong one is named before anything is made
        self.home.take()
        supervisor = Supervisor(self.home.root / "parts", self.say)
        try:
            supervisor.clear_leftovers()
            self._start(supervisor)
            supervisor.run()
        except Stopped:
            self.say("Stopping.")
        finally:
            supervisor.stop()

    def _start(self, supervisor: Supervisor) -> None:
        mail = self._listen(0)
        told = self._told(self.home.secret_key(), mail.getsockname()[1])
        settings = self._settings(told)
        web = self._listen(settings.port)
        self._remember(told)
        with Preparation(self._part("preparation", [], told)) as preparation:  # it loads while the database is made
            supervisor.start(*self._foundations())
            supervisor.wait()
            supervisor.start(self._web(settings, told, web))  # it loads while the tables are made
            news = preparation.run(supervisor)
        supervisor.wait()
        supervisor.add(*self._workers(told, mail))
        for line in (f"Ready: {settings.base_url}", *news, "Ctrl-C stops it."):
            self.say(line)

    def _told(self, secret_key: str, mail_port: int) -> dict[str, str]:
        """The environment of our processes: what was given leads, except for what cannot be otherwise."""
        port = self.given.get("PORT", "8000")
        usual = {
            "PORT": port,
            "BASE_URL": f"http://{_HOST}:{port}",
            "SECRET_KEY": secret_key,
            "DATABASE_URL": postgres.url(self.home.run, DATABASE),
            "REDIS_URL": valkey.url(self.home.run),
        }
        caught = {
            "MAIL_SERVER": _HOST,
            "MAIL_PORT": str(mail_port),
            "MAIL_DEFAULT_SENDER": "Firsthand <bezoeken@firsthand.example>",
        }
        fixed = {
            "FIRSTHAND_HOME": str(self.home.root),
            "FIRSTHAND_DEMO": "1" if self.demo else "0",
            "PYTHONUNBUFFERED": "1",
            "MALLOC_ARENA_MAX": "2",  # threads that share their memory need less of it
        }
        return usual | (caught if self.demo else {}) | self.given | fixed

    def _remember(self, told: Mapping[str, str]) -> None:
        """Keep what our processes were told, for the commands that are given beside them."""
        ours = {each.metadata["name"] for each in fields(Settings)}
        file = self.home.root / "told.json"
        with explained(file):
            file.touch(mode=0o600)
            file.write_text(json.dumps({name: value for name, value in told.items() if name in ours}))

    def remembered(self) -> dict[str, str]:
        """What they were told at the last start; nothing when there was none, or it is not ours to read."""
        try:
            told: dict[str, str] = json.loads((self.home.root / "told.json").read_text())
        except (OSError, ValueError):
            return {}
        return told

    def _settings(self, told: Mapping[str, str]) -> Settings:
        try:
            return Settings.from_environment(told)
        except SettingsError as error:
            raise CannotStart(str(error)) from error

    def _listen(self, port: int) -> socket.socket:
        """A socket on the loopback; it is there before the process that serves it."""
        listening = socket.socket(socket.AF_INET)
        self.sockets.append(listening)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((_HOST, port))
        except OSError as error:
            why = "is in use by another program" if error.errno == errno.EADDRINUSE else "may not be used by this user"
            raise CannotStart(f"Port {port} {why}; choose another, for example PORT={max(port, 8000) + 1}.") from error
        listening.listen(128)
        return listening

    def _foundations(self) -> list[Part]:
        """Database and broker, where they are not somebody else's. The database is started last, so stopped first."""
        if {"REDIS_URL", "DATABASE_URL"} <= set(self.given):
            return []
        binaries = Binaries.installed().for_user(self.home.servant, self.home.root)
        parts = []
        if "REDIS_URL" not in self.given:
            parts.append(valkey.part(binaries, self.home.run, self._log("broker"), self.home.servant))
        if "DATABASE_URL" not in self.given:
            database = Postgres(binaries, self.home.db, self.home.run, self.home.servant)
            database.make(DATABASE)
            database.free_the_way()
            parts.append(database.part(self._log("database")))
        return parts

    def _web(self, settings: Settings, told: Mapping[str, str], listening: socket.socket) -> Part:
        processes = 1 if self.demo else commands.WEB_PROCESSES  # one visitor, and half the memory
        part = self._part("web", commands.web(f"fd://{listening.fileno()}", processes=processes), told)
        part.files, part.ready = (listening.fileno(),), lambda: _answers(listening.getsockname()[1], settings.base_url)
        return part

    def _workers(self, told: Mapping[str, str], mail: socket.socket) -> list[Part]:
        parts = [self._part(f"worker {queue}", commands.worker(queue), told) for queue in commands.QUEUES]
        parts.append(self._part("beat", commands.beat(self.home.root / "beat-schedule"), told))
        if self.demo:
            command = commands.module("webapp.local.catcher", str(mail.fileno()), str(self.home.mailbox))
            catcher = self._part("mail catcher", command, told)
            catcher.files = (mail.fileno(),)
            parts.insert(0, catcher)
        return parts

    def _part(self, name: str, command: list[str], told: Mapping[str, str]) -> Part:
        return Part(name, command, self._log(name), told)

    def _log(self, name: str) -> Path:
        return self.home.log / f"{name.replace(' ', '-')}.log"


class Preparation:
    """Tables, sample organisation, sign-in link: a process that waits for the word, does it, and ends."""

    def __init__(self, part: Part) -> None:
        self.part = part

    def __enter__(self) -> Self:
        (hears, self._go), (self._lines, tells) = os.pipe(), os.pipe()
        self.part.command = commands.module("webapp.prepare", str(hears), str(tells))
        self.part.files = (hears, tells)
        self.part.start()
        os.close(hears)
        os.close(tells)
        return self

    def run(self, supervisor: Supervisor) -> list[str]:
        """Say the word, wait for the end; returns its lines for the person at the terminal. Raises CannotStart."""
        with suppress(BrokenPipeError):  # it is gone already, and says why
            os.write(self._go, b"go")
        supervisor.finish(self.part)
        with os.fdopen(os.dup(self._lines)) as lines:
            return [line.rstrip() for line in lines]

    def __exit__(self, *_: object) -> None:
        os.close(self._go)
        os.close(self._lines)
        self.part.kill()


def _answers(port: int, base_url: str) -> bool:
    """Whether the web process says it is alive. By hand: an HTTP client would double the supervisor's memory."""
    host = base_url.partition("://")[2]
    try:
        with socket.create_connection((_HOST, port), timeout=_ANSWER_SECONDS) as connection:
            connection.settimeout(_ANSWER_SECONDS)
            connection.sendall(f"GET /healthz HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
            return b" 200 " in connection.recv(32)
    except OSError:
        return False
