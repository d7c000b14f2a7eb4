"""What pages ask of a phone and of anybody else: nothing from other hosts, no script behind a link in a mail, few bytes."""

import re

import pytest
from flask import Flask

from tests.browser import pages
from tests.browser.conftest import Read
from tests.browser.filled import Names
from tests.browser.reading import Reading
from tests.doors import weight
from webapp.config import Settings
from webapp.i18n import LANGUAGES

pytestmark = pytest.mark.xdist_group("pages")  # one process asks for all pages

KB = 1024
PAGE_WEIGHS, LOADS = 30 * KB, 4
"""Behind a link: bytes as they travel, fonts aside; and the page with its stylesheet and fonts."""
SCRIPTS = {"{host}": ["host"], "{host_begun}": ["host"]}
"""A host's page keeps time, and what is ticked without a connection; it does everything else without."""
FETCHED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "form": "action",
    "object": "data",
}
STORYS_OWN = re.compile(r"^/\w+/[^/]+(/stories/\d+)?/picture$")
"""The picture with a story, which is what somebody came to see."""
LOADED_LINKS = ("stylesheet", "preload", "icon", "manifest", "prefetch", "preconnect", "dns-prefetch")


def loaded(page: Reading) -> list[tuple[str, str]]:
    """What a browser fetches for a page, or sends it to, without anybody following a link."""
    found = [(tag, marks[FETCHED[tag]]) for tag, marks in page.tags if marks.get(FETCHED.get(tag, ""))]
    links = [(marks["rel"], marks["href"]) for tag, marks in page.tags if tag == "link"]
    return found + [(rel, href) for rel, href in links if rel in LOADED_LINKS]


@pytest.mark.parametrize("template", pages.LINK)
def test_a_page_behind_a_link_is_light_and_runs_nothing(app: Flask, names: Names, template: str) -> None:
    reader, path = app.test_client(), pages.address(template, names)
    answer = reader.get(path)
    page = Reading.of(answer.text)
    asked = [(kind, where) for kind, where in loaded(page) if kind not in ("icon", "form")]
    asked = [(kind, where) for kind, where in asked if kind != "img" or not STORYS_OWN.search(where)]
    scripts = [where for kind, where in asked if kind not in ("stylesheet", "preload")]
    assert [where.rpartition("/")[2].partition(".")[0] for where in scripts] == SCRIPTS.get(template, [])
    assert 1 + len(asked) <= LOADS + len(scripts)
    assert weight(reader, path) < PAGE_WEIGHS
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_names_another_host(read: Read, settings: Settings, language: str) -> None:
    """Links that people follow by themselves aside."""
    wrong = []
    for template in pages.EVERYTHING:
        elsewhere = [where for _, where in loaded(read(template, language)) if re.match(r"(\w+:)?//", where)]
        wrong += [f"{template}: {where}" for where in elsewhere if not where.startswith(settings.base_url)]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_carries_script_or_style_of_its_own(read: Read, language: str) -> None:
    """The policy would stop them; nothing may depend on it."""
    wrong = []
    for template in pages.EVERYTHING:
        for tag, marks in read(template, language).tags:
            own = [name for name in marks if name.startswith("on") or name == "style"]
            if own or tag == "style" or (tag == "script" and "src" not in marks):
                wrong.append(f"{template}: <{tag} {own}>")
    assert wrong == []
