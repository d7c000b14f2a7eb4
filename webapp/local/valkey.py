"""A broker of our own: Valkey on a socket that only its owner can reach, with nothing on disk to lose."""

import os
import socket
from pathlib import Path
from urllib.parse import quote

from webapp.local.binaries import Binaries
from webapp.local.part import Part


def url(sockets: Path) -> str:
    return f"unix://{quote(str(_socket(sockets)), safe='/')}"


def _socket(sockets: Path) -> Path:
    return sockets / "valkey.sock"


def answers(sockets: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(_socket(sockets)))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def part(binaries: Binaries, sockets: Path, log: Path, uid: int | None = None) -> Part:
    settings = {
        "port": "0",
        "unixsocket": str(_socket(sockets)),
        "unixsocketperm": "700",
        "dir": str(sockets),
        "save": "",
        "appendonly": "no",
        "maxmemory": "64mb",
        "maxmemory-policy": "noeviction",
        "hz": "1",
        "activerehashing": "no",
    }
    options = [item for name, value in settings.items() for item in (f"--{name}", value)]
    return Part(
        name="broker",
        command=[binaries.valkey, *options],
        log=log,
        environment={"LC_ALL": "C", "PATH": os.defpath},
        ready=lambda: answers(sockets),
        uid=uid,
        folder=sockets,
    )
