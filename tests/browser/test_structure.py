"""Every page as a reader without eyes finds it: one heading above all, none left out, a title of its own, landmarks."""

import json
import re
from collections import defaultdict
from itertools import pairwise

import pytest

from tests.browser import pages
from tests.browser.conftest import Read
from tests.browser.filled import Names
from webapp import static
from webapp.assets.build import SHEETS

pytestmark = pytest.mark.xdist_group("pages")  # one process asks for all pages


def skipped(levels: list[int]) -> bool:
    return any(after - before > 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("group", [pages.ORGANISER, (*pages.DOOR, *pages.LINK, *pages.PREVIEW, *pages.SAID)])
def test_headings_make_a_table_of_contents(read: Read, group: tuple[str, ...]) -> None:
    wrong = {}
    for template in group:
        page = read(template, "nl")
        levels = [level for level, _ in page.headings]
        if levels.count(1) != 1 or skipped(levels) or not all(text for _, text in page.headings):
            wrong[template] = page.headings
    assert wrong == {}


def test_every_page_has_a_title_of_its_own(read: Read) -> None:
    """Tabs of one page share theirs."""
    titled = defaultdict(set)
    for template in (*pages.ORGANISER, *pages.DOOR[:2]):
        titled[read(template, "nl").title].add(template.partition("?")[0])
    assert {title: paths for title, paths in titled.items() if len(paths) > 1 or not title} == {}


def test_no_two_things_on_a_page_share_an_id_and_every_link_to_a_place_arrives(read: Read, names: Names) -> None:
    twice: dict[str, list[str]] = {}
    led, places = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for template in (*pages.ORGANISER, *pages.LINK):
        page, here = read(template, "nl"), pages.address(template, names).partition("?")[0]
        ids = [marks["id"] for _, marks in page.tags if marks.get("id")]
        if len(ids) != len(set(ids)):
            twice[template] = sorted({each for each in ids if ids.count(each) > 1})
        places[here].update(ids)
        for href in (marks.get("href", "") for tag, marks in page.tags if tag == "a"):
            path, _, fragment = href.partition("#")
            if fragment and not path.startswith("http"):
                led[path.partition("?")[0] or here].add(fragment)
    nowhere = {path: led[path] - places[path] for path in led if path in places and led[path] - places[path]}
    assert (twice, nowhere) == ({}, {})


def test_what_a_page_wears_is_in_the_stylesheet_it_comes_with(read: Read) -> None:
    """There are two, for whoever has an account and for a page behind a link: a class that only the other dresses is bare."""
    files = json.loads((static.FOLDER / "manifest.json").read_text(encoding="utf-8"))["files"]
    dressed = {
        files[sheet]: set(re.findall(r"\.([a-z][\w-]*)", (static.FOLDER / files[sheet]).read_text(encoding="utf-8")))
        for sheet in SHEETS
    }
    bare = {}
    for template in (*pages.ORGANISER, *pages.DOOR, *pages.LINK, *pages.PREVIEW, *pages.SAID):
        page = read(template, "nl")
        own = {marks["href"].rpartition("/")[2] for tag, marks in page.tags if marks.get("rel") == "stylesheet"}
        worn = {each for _, marks in page.tags for each in marks.get("class", "").split()}
        missing = (worn & set.union(*dressed.values())) - set.union(*(dressed[sheet] for sheet in own))
        if missing:
            bare[template] = missing
    assert bare == {}


def test_every_page_has_landmarks(read: Read) -> None:
    wrong = {}
    for template in (*pages.ORGANISER, *pages.LINK):
        page = read(template, "nl")
        tags = [tag for tag, _ in page.tags]
        wanted = {"main": 1, "header": 1, "nav": 1} if template in pages.ORGANISER else {"main": 1}
        skip_link = ("a", "#main") in [(tag, marks.get("href")) for tag, marks in page.tags]
        if any(tags.count(tag) < count for tag, count in wanted.items()) or tags.count("main") != 1 or not skip_link:
            wrong[template] = {tag: tags.count(tag) for tag in wanted}
    assert wrong == {}
