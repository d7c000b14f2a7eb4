"""The rules of every time zone, from the `tzdata` package: one source, the same on every machine."""

from functools import cache
from importlib.resources import files
from io import BytesIO
from zoneinfo import ZoneInfo

import tzdata

TZDATA = tzdata.IANA_VERSION
"""The version of the rules: `2026a`. A visit keeps the one its moments were worked out with."""

ZONES = tuple(sorted(files("tzdata").joinpath("zones").read_text("ascii").split()))
"""Every name there is: `Europe/Amsterdam`."""


class UnknownZone(ValueError):
    """No time zone has this name."""


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of that name. Not `ZoneInfo(name)`: that would ask the machine's own files first."""
    return ZoneInfo.from_file(BytesIO(_file(name)), key=name)


@cache
def rule(name: str) -> str:
    """How the zone goes on after its last listed change, as POSIX writes it: `CET-1CEST,M3.5.0,M10.5.0/3`.

    The last line of a TZif file (RFC 8536, section 3.3).
    """
    return _file(name).rsplit(b"\n", 2)[1].decode("ascii")


def _file(name: str) -> bytes:
    if name not in ZONES:
        raise UnknownZone(f"There is no time zone {name!r}. Write it as the IANA list does: Europe/Amsterdam.")
    return files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
