"""What a campaign is told is rendered once, and each reader's own values are put where they go: with the same result."""

from dataclasses import replace
from typing import Any

import pytest

from tests.emails.conftest import Contents
from tests.emails.samples import POST, SAMPLES, Sample, urls
from webapp.i18n import LANGUAGES, Language
from webapp.mailing import rendering
from webapp.mailing.notices import OWN, Content, Notice

NAMES = (
    "Beste <b>meneer</b> O'Brien & \"Zonen\",", "Dear Þóra Müller-Đặng,", "x" * 200, "Sam",
    "Dag \N{NO-BREAK SPACE}\N{ZERO WIDTH JOINER}, {{ name }} %(name)s %%,",
)  # fmt: skip


def named(content: Content, name: str) -> Content:
    return replace(content, values=content.values | {own: name for own in OWN if content.values.get(own)})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_mail_filled_in_is_the_mail_written_whole(sample: Sample, language: Language, contents: Contents) -> None:
    notice, (_, content) = Notice.all[sample.notice], contents[sample.name, language]
    links = urls(POST.refs(notice, content, 1)) | {"stop": "https://x.example/u/K7.mQ?a=1&b=<2>"}
    for name in NAMES:
        told: Any = (notice, language, named(content, name), links, POST.organisation)
        assert rendering.render(*told) == rendering.whole(*told)


@pytest.mark.parametrize(
    "sample", [each for each in SAMPLES if Notice.all[each.notice].asks], ids=lambda each: each.name
)
def test_who_is_asked_together_is_told_from_one_skeleton(sample: Sample, contents: Contents) -> None:
    notice, (_, content) = Notice.all[sample.notice], contents[sample.name, "nl"]
    links = urls(POST.refs(notice, content, 1))
    rendering._skeleton.cache_clear()
    for name in NAMES:
        rendering.render(notice, "nl", named(content, name), links, POST.organisation)
    assert (rendering._skeleton.cache_info().misses, rendering._skeleton.cache_info().hits) == (1, len(NAMES) - 1)


def test_what_somebody_typed_never_stands_for_a_place(contents: Contents) -> None:
    notice, (_, content) = Notice.all["visit_invitation"], contents["visit_invitation", "nl"]
    links = urls(POST.refs(notice, content, 1))
    forged = f"{rendering.OPEN}links.stop{rendering.HTML}{rendering.OPEN}salutation{rendering.TEXT}"
    typed = replace(content, values=content.values | {"reason": forged})
    said = rendering.render(notice, "nl", typed, links, POST.organisation)
    assert said == rendering.whole(notice, "nl", typed, links, POST.organisation)
    assert forged in said.text
