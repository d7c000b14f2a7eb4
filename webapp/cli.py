"""The command `firsthand`: start everything on this machine, or become one process of it."""

import contextlib
import os
from typing import Any, NoReturn

import click

from webapp.config import Settings, SettingsError
from webapp.local import commands
from webapp.local.home import CannotStart
from webapp.local.machine import Machine


class Sentence(click.ClickException):
    """What is wrong and what to do, on a line of its own."""

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


@click.group()
def main() -> None:
    """Customers meet the staff their work was for."""


@main.command()
def demo() -> None:
    """Everything on this machine, with a sample organisation, a mailbox and a time machine."""
    _run(demo=True)


@main.command()
def up() -> None:
    """Everything on this machine, for one organisation."""
    _run(demo=False)


def _run(*, demo: bool) -> None:
    try:
        Machine(os.environ, demo=demo, say=_say).run()
    except CannotStart as reason:
        raise Sentence(str(reason)) from reason


def _say(line: str) -> None:
    with contextlib.suppress(OSError):  # nobody reads it any more; that is no reason to stop
        print(line, flush=True)


@main.command()
def migrate() -> None:
    """Bring the tables of the database up to date."""
    _become(commands.module("webapp.schema"))


@main.command()
@click.option("--bind", metavar="HOST:PORT", help="Where it listens; without it 127.0.0.1 and PORT.")
def web(bind: str | None) -> None:
    """The web process."""
    _become(commands.web(bind or f"127.0.0.1:{_settings().port}"))


@main.command()
@click.argument("queue", type=click.Choice(commands.QUEUES))
@click.option("--processes", default=1, show_default=True, help="How many work side by side.")
def worker(queue: str, processes: int) -> None:
    """A worker: of the queue tick (what is due, and urgent mail) or post (all mail)."""
    _become(commands.worker(queue, processes=processes))


@main.command()
@click.option("--schedule", default="/tmp/firsthand-beat", show_default=True, help="Remembers what was due last.")  # noqa: S108  (nothing is lost with it)
def beat(schedule: str) -> None:
    """The clock of the workers. One is enough; two do no harm."""
    _become(commands.beat(schedule))


@main.command()
@click.option("--loop", is_flag=True, help="Go on for ever.")
def deliver(loop: bool) -> None:
    """The workers' work without a broker: what is due, and the mail that is to go."""
    _become(commands.module("webapp.rounds", *(["--loop"] if loop else [])))


@main.command()
@click.argument("mail")
def sign_in_link(mail: str) -> None:
    """Print a link that signs the account of MAIL in once, for somebody who is locked out."""
    _become(commands.module("webapp.accounts.doors", mail))


@main.command()
@click.option("--check", is_flag=True, help="Verify the whole chain, and name the first row that does not hold.")
def audit(check: bool) -> None:
    """The head of the audit log; with --check, whether anybody changed it."""
    _become(commands.module("webapp.accounts.auditing", *(["--check"] if check else [])))


@main.command()
def setup_code() -> None:
    """Print the code that the first visitor types on /setup."""
    click.echo(_settings().setup_code)


def _environment() -> dict[str, str]:
    """What this process was told, and where that is silent, what `firsthand up` told its own on this machine."""
    return Machine(os.environ, demo=False, say=_say).remembered() | os.environ


def _settings() -> Settings:
    try:
        return Settings.from_environment(_environment())
    except SettingsError as error:
        raise Sentence(str(error)) from error


def _become(command: list[str]) -> NoReturn:
    _settings()
    os.execve(command[0], command, _environment())  # noqa: S606  (our own command, without a shell)


if __name__ == "__main__":
    main()
