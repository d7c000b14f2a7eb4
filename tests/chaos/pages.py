"""Somebody at the pages: opens links, answers, and measures how long a page takes."""

import http.client
import re
import time
from collections.abc import Sequence
from html import unescape
from urllib.parse import urlencode

from tests.chaos.checker import Answer, answers_lost
from tests.chaos.outbox import wait_for
from tests.chaos.world import Scene
from webapp import db, links
from webapp.invitations.models import Answer as Given
from webapp.links import PATHS, Keys

_NONCE = re.compile(r'name="nonce" value="([^"]*)"')
PATIENCE = 30.0


class Pages:
    """`seconds` is how long each page took; `acknowledged` the answers that a page thanked for."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.port = scene, scene.settings.base_url.rpartition(":")[2]
        self.seconds: list[float] = []
        self.acknowledged: list[Answer] = []
        scene.web()
        wait_for(lambda: self.status("/healthz") == 200, "pages", 60)
        self.seconds.clear()

    def doors(self, invitations: Sequence[int]) -> dict[int, str]:
        """The path of each invitation's own link, as its mail has it."""
        keys = Keys.of(*self.scene.settings.secret_keys)
        with db.transaction():
            found = links.ensure("answer", invitations)
        return {id: f"/{PATHS['answer']}/{keys.token(link)}" for id, link in found.items()}

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None, **headers: str) -> tuple[int, str]:
        """Status and page; 0 when there is none."""
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", int(self.port), timeout=PATIENCE)
        try:
            body = urlencode(fields) if fields is not None else None
            kind = {"Content-Type": "application/x-www-form-urlencoded"} if fields is not None else {}
            connection.request(method, path, body, headers | kind)
            response = connection.getresponse()
            return response.status, response.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()
            self.seconds.append(time.monotonic() - began)

    def status(self, path: str) -> int:
        return self.ask("GET", path)[0]

    def answer(self, invitation: int, door: str, kind: str) -> int:
        """Open the page and press the button; 303 is an acknowledgement."""
        status, page = self.ask("GET", door + "?change=1")
        found = _NONCE.search(page)
        if status != 200 or not found:
            return status
        status, _ = self.ask("POST", door, {"nonce": unescape(found[1]), "answer": kind})
        if status == 303:
            self.acknowledged.append(Answer(invitation, kind, stored=False))
        return status

    def lost(self) -> list[str]:
        """Acknowledged answers that the database does not hold. Who finds no place is put down as willing or waiting."""
        also = {"other": "accepted", "waiting": "accepted"}
        with db.transaction(read_only=True) as session:
            stored = [Answer(each.invitation_id, also.get(each.kind, each.kind), True) for each in session.query(Given)]
        lost = answers_lost([*self.acknowledged, *stored])
        return [f"{lost} answers lost"] if lost else []

    def slowest(self) -> float:
        """The 99th percentile of the pages since it was last asked, in seconds."""
        seconds, self.seconds = sorted(self.seconds), []
        return seconds[min(len(seconds) - 1, int(len(seconds) * 0.99))] if seconds else 0.0
