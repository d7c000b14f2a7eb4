"""What a campaign is told is rendered once, and each reader's own values are put where they go: with the same result."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.emails.conftest import Contents
from tests.emails.samples import POST, SAMPLES, Sample, urls
from webapp.i18n import LANGUAGES, Language
from webapp.mailing import rendering
from webapp.mailing.notices import OWN, Content, Notice
from webapp.rewording import standard
from webapp.rewording.texts import Text

NAMES = (
    "Beste <b>meneer</b> O'Brien & \"Zonen\",", "Dear Þóra Müller-Đặng,", "x" * 200, "Sam",
    "Dag \N{NO-BREAK SPACE}\N{ZERO WIDTH JOINER}, {{ name }} %(name)s %%,",
)  # fmt: skip

PLURAL = {
    "visit_invitation.no_reason_one_listener_elsewhere",
    "visit_invitation_staff.two_tell",
    "unanswered_notice.one",
    "story_thanks.one",
}
"""Mails about one, of which the text is found for many."""


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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_reworded_mail_takes_the_same_short_way(sample: Sample, language: Language, contents: Contents) -> None:
    """The standard text as an organiser finds it, changed a little, says the same both ways, and is kept as it was."""
    notice, (_, content) = Notice.all[sample.notice], contents[sample.name, language]
    variant = notice.variant(content.values)
    assert variant in (notice.variants or [""])
    own = standard.text(notice, variant, language)
    wording = own._replace(
        subject=f"{own.subject} & {{organisation}}", words=f"{own.words}\n\nEn <b>{{organisation}}</b>."
    )
    told = Content.from_json(json.loads(json.dumps(replace(content, wording=wording).to_json())))
    assert told.wording == wording
    links = urls(POST.refs(notice, content, 1))
    for name in NAMES:
        mail: Any = (notice, language, named(told, name), links, POST.organisation)
        said = rendering.render(*mail)
        assert said == rendering.whole(*mail)
        assert said.subject.endswith(f"& {POST.organisation}")
        assert f"En <b>{POST.organisation}</b>." in said.text
        assert f"En &lt;b&gt;{POST.organisation}&lt;/b&gt;." in said.html


def test_a_reworded_campaign_is_told_from_one_skeleton(contents: Contents) -> None:
    notice, (_, content) = Notice.all["visit_invitation"], contents["visit_invitation", "nl"]
    told = replace(content, wording=standard.text(notice, "", "nl")._replace(words="Bij {team}."))
    links = urls(POST.refs(notice, content, 1))
    rendering._skeleton.cache_clear()
    for name in NAMES:
        rendering.render(notice, "nl", named(told, name), links, POST.organisation)
    assert (rendering._skeleton.cache_info().misses, rendering._skeleton.cache_info().hits) == (1, len(NAMES) - 1)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_the_text_an_organiser_finds_is_what_the_mail_says(
    sample: Sample, language: Language, contents: Contents
) -> None:
    """Saved as it stands, it says the same sentences; where one and many differ, the page says so."""
    notice, (_, content) = Notice.all[sample.notice], contents[sample.name, language]
    if sample.name in PLURAL or Text(notice, "", language).fixed:
        return
    own = standard.text(notice, notice.variant(content.values), language)
    links = urls(POST.refs(notice, content, 1))
    mail = (notice, language, content, links, POST.organisation)
    reworded = (notice, language, replace(content, wording=own), links, POST.organisation)
    assert rendering.render(*reworded) == rendering.render(*mail)
