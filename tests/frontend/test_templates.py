"""Frames and macros say what they are given, in both languages, and hold nothing the policy forbids."""

import re
from pathlib import Path

import pytest
from flask import Flask, render_template, render_template_string
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form, PasswordField, RadioField, StringField
from wtforms.validators import Email, InputRequired

TEMPLATES = Path(__file__).parents[2] / "webapp/templates"
IN_A_ZIP = TEMPLATES / "privacy/export.html"
"""Opened from somebody's own disk, where no stylesheet of ours is near."""
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if "email" not in path.parts and path != IN_A_ZIP)
FORBIDDEN = re.compile(r"""\sstyle=|\son[a-z]+=["']|<style|<script(?![^>]*\ssrc=)|javascript:""")


class Door(Form):  # type: ignore[misc]  # WTForms ships no types
    name = StringField("Naam", [InputRequired("Vul je naam in.")], description="Zoals in de mail.")
    mail = StringField("E-mail", [Email("Dit e-mailadres mist een punt.")])
    password = PasswordField("Wachtwoord")
    knows = BooleanField("De klant weet dit")
    ground = RadioField("Op welke grond", choices=["vonden het goed", "nog niet"])


def rendered(app: Flask, source: str, **values: object) -> str:
    with app.test_request_context("/?lang=nl"):
        return render_template_string('{% import "macros.html" as ui %}' + source, **values)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_page_holds_style_or_script_of_its_own(path: Path) -> None:
    assert FORBIDDEN.findall(path.read_text(encoding="utf-8")) == []


def test_every_icon_that_is_asked_for_exists() -> None:
    drawn = set(
        re.findall(r"^  '([\w-]+)':", (TEMPLATES / "macros/icons.html").read_text(encoding="utf-8"), re.MULTILINE)
    )
    asked = {name for path in PAGES for name in re.findall(r"\bicon\(\"([\w-]+)\"", path.read_text(encoding="utf-8"))}
    assert asked - drawn == set()


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("page", ["styleguide.html", "errors/refused.html", "errors/broken.html"])
def test_a_page_comes_in_both_languages(app: Flask, page: str, language: str) -> None:
    answer = app.test_client().get(f"/{page}?lang={language}")
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert ("Naar de inhoud" if language == "nl" else "Skip to the content") in answer.text
    assert answer.text.count("<h1>") == 1


def test_the_title_is_heading_section_and_organisation(app: Flask) -> None:
    page = app.test_client().get("/styleguide.html?lang=nl").text
    assert "<title>Every component once – Klanten – Universiteit Voorbeeld</title>" in page


def test_a_title_says_first_that_something_is_wrong(app: Flask) -> None:
    source = '{% extends "frames/door.html" %}{% block heading %}Inloggen{% endblock %}'
    with app.test_request_context("/?lang=nl"):
        assert "<title>Fout: Inloggen – Universiteit Voorbeeld</title>" in render_template_string(source, errors=["x"])


def test_a_chosen_theme_is_said_by_the_page(app: Flask) -> None:
    assert '<html lang="nl" data-theme="dark">' in app.test_client().get("/styleguide.html?theme=dark").text


def test_only_an_admin_finds_the_settings_and_a_viewer_plans_nothing(app: Flask) -> None:
    admin, viewer = (app.test_client().get(f"/styleguide.html?role={role}").text for role in ("admin", "viewer"))
    assert ('href="/admin"' in admin, 'href="/admin"' in viewer) == (True, False)
    assert ('href="/visits/new"' in admin, 'href="/visits/new"' in viewer) == (True, False)


def test_what_was_done_can_be_undone_from_the_next_page(app: Flask) -> None:
    page = app.test_client().get("/styleguide.html?undo=1").text
    assert "3 mails gaan over 60 seconden weg." in page
    assert '<form method="post" action="/undone">' in page


def test_a_link_page_has_no_script_and_offers_itself_in_the_other_language(app: Flask) -> None:
    page = app.test_client().get("/errors/refused.html?lang=nl&answer=accepted").text
    assert "<script" not in page
    assert 'href="/errors/refused.html?answer=accepted&amp;lang=en" lang="en" hreflang="en"' in page


def test_a_field_keeps_what_was_typed_and_says_what_is_wrong(app: Flask) -> None:
    form = Door(MultiDict({"mail": "s.bos@example", "ground": "nog niet", "knows": "y"}))
    form.validate()
    html = rendered(
        app, "{{ ui.error_summary(form) }}{% for field in form %}{{ ui.field(field) }}{% endfor %}", form=form
    )
    assert "2 dingen kloppen nog niet" in html
    assert '<li><a href="#name">Vul je naam in.</a></li>' in html
    assert re.search(r'<input aria-describedby="name-hint name-error" aria-invalid="true" id="name"[^>]*>', html)
    assert '<span class="hint" id="name-hint">Zoals in de mail.</span>' in html
    assert 'value="s.bos@example"' in html
    assert re.search(r'<input checked id="ground-1"', html)
    assert re.search(r'<input checked id="knows"', html)


def test_a_button_that_goes_somewhere_is_a_link(app: Flask) -> None:
    assert rendered(app, '{{ ui.button("Lees", href="/x") }}').startswith('<a class="button " href="/x">')
    assert rendered(app, '{{ ui.button("Lees") }}').startswith('<button class="button " type="submit">')


def test_what_is_typed_is_escaped_everywhere(app: Flask) -> None:
    with app.test_request_context("/?lang=nl"):
        page = render_template("hostile.html", x="<script>alert(1)</script>")
    assert page.count("&lt;script&gt;") > 50
    assert "<script>" not in page


def test_a_dumbbell_stands_where_its_values_are(app: Flask) -> None:
    """On a scale of 1 to 7, 4 is in the middle; the table beside says the same."""
    series = [{"before": 1, "after": 4, "text": "+3,0"}]
    html = rendered(
        app,
        '{{ ui.dumbbell([{"id": "q", "label": "Impact", "said": "Van 1 naar 4.", "series": series}]) }}',
        series=series,
    )
    assert re.findall(r'<circle class="a[^"]*" cx="([\d.]+)%"', html) == ["3.0", "50.0"]
    assert '<title id="q-t">Impact</title><desc id="q-d">Van 1 naar 4.</desc>' in html


def test_a_scale_keeps_the_answer_given_and_names_its_ends(app: Flask) -> None:
    html = rendered(app, '{{ ui.scale("q", "Voelde u zich gehoord?", 5, "4", ("helemaal niet", "helemaal wel")) }}')
    assert re.findall(r'value="(\d)" checked', html) == ["4"]
    assert '1<span class="sr-only">, helemaal niet</span>' in html


def test_the_page_says_days_and_numbers_in_its_own_language(app: Flask) -> None:
    page = app.test_client().get("/styleguide.html?lang=nl").text
    assert "Donderdag 3 december 2026" in page
    assert "14:00–14:45 uur" in page
    assert "1.139" in page
    english = app.test_client().get("/styleguide.html?lang=en").text
    assert "Thursday, 3 December 2026" in english
    assert "1,139" in english
