"""`firsthand demo` and `firsthand up`: which parts, told what, in which order."""

import os
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from webapp.config import Settings, SettingsError
from webapp.local import commands, valkey
from webapp.local.binaries import Binaries
from webapp.local.home import CannotStart, Home, default
from webapp.local.part import Part
from webapp.local.postgres import Postgres
from webapp.local.supervisor import Stopped, Supervisor

DATABASE = "firsthand"
_LEFT_OUT_OF_A_DEMO = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SECRET_KEY_FALLBACKS")
_ASKED_SECONDS = 2


class Machine:
    """One installation on this machine: its folder, its settings, its parts."""

    def __init__(self, environ: Mapping[str, str], *, demo: bool, say: Callable[[str], None]) -> None:
        self.demo, self.say = demo, say
        chosen = environ.get("FIRSTHAND_HOME")
        self.home = Home(Path(chosen).expanduser().absolute() if chosen else default(environ, demo=demo))
        self.given = {name: value for name, value in environ.items() if value and not (demo and _private(name))}
        for name in sorted(set(environ) - set(self.given)) if demo else ():
            if environ[name]:
                say(f"The demo keeps to itself: {name} is not used.")
        self.postgres = Postgres(Binaries.installed(), self.home.db, self.home.run, self.home.servant)

    def run(self) -> None:
        """Start everything, say where it is, and keep it running until somebody stops it. Raises CannotStart."""
        settings = self._settings(secret_key="0" * 32)  # wrong settings are named before anything is made
        self.home.take()
        web, mail = _listen(settings.port), _listen(0)
        supervisor = Supervisor(self.home.root / "parts", self.say)
        try:
            supervisor.clear_leftovers()
            self._start(supervisor, web, mail)
            supervisor.run()
        except Stopped:
            self.say("Stopping.")
        finally:
            supervisor.stop()

    def _start(self, supervisor: Supervisor, web: socket.socket, mail: socket.socket) -> None:
        environment = self._environment(self.home.secret_key(), mail.getsockname()[1])
        settings = _checked(environment)
        foundations = self._foundations()
        supervisor.start(*foundations)
        reading, writing = os.pipe()
        prepare = self._part("preparation", [sys.executable, "-m", "webapp.local.prepare", str(writing)], environment)
        prepare.files = (writing,)
        supervisor.finish(prepare)
        os.close(writing)
        supervisor.start(*self._workers(settings, environment, web, mail))
        self.say(f"Ready: {settings.base_url}")
        with os.fdopen(reading) as lines:
            for line in lines:
                self.say(line.rstrip())
        self.say("Ctrl-C stops it.")
