"""Every pair of colours that meets on a page can be read, by day and by night (WCAG 1.4.3, 1.4.11)."""

import re

import pytest

from webapp.assets import build

TOKENS = (build.HERE / "css/tokens.css").read_text(encoding="utf-8")
COLOURS = {name: (light, dark) for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)", TOKENS)}
TONES = ("accent", "voice", "yes", "maybe", "no", "info", "other")
TEXT = [
    *((ink, ground) for ink in ("ink", "ink-2") for ground in ("canvas", "surface", "sunken")),
    *(("ink", f"{tone}-soft") for tone in TONES),
    *(("ink-2", f"{tone}-soft") for tone in ("accent", "maybe", "voice")),
    *((tone, ground) for tone in TONES for ground in ("surface", f"{tone}-soft")),
    *((tone, "canvas") for tone in ("accent", "voice", "no")),
    ("accent-hover", "canvas"),
    ("accent-hover", "surface"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("canvas", "ink"),
]
EDGES = [
    *(("line-strong", ground) for ground in ("canvas", "surface")),
    *(("focus", ground) for ground in ("canvas", "surface", "sunken", "accent-soft", "maybe-soft", "no-soft")),
    ("focus-inverse", "ink"),
    *((tone, "surface") for tone in ("accent", "voice", "maybe")),
]


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` (WCAG 2.2, definition)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("at", [0, 1], ids=["day", "night"])
def test_words_can_be_read(at: int) -> None:
    ratios = {pair: contrast(COLOURS[pair[0]][at], COLOURS[pair[1]][at]) for pair in TEXT}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("at", [0, 1], ids=["day", "night"])
def test_edges_can_be_seen(at: int) -> None:
    ratios = {pair: contrast(COLOURS[pair[0]][at], COLOURS[pair[1]][at]) for pair in EDGES}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 3} == {}


def test_no_colour_is_written_outside_the_tokens() -> None:
    others = [path for path in (build.HERE / "css").glob("*.css") if path.name != "tokens.css"]
    found = {
        path.name: re.findall(r"#[0-9a-f]{3,8}\b|rgb\(|hsl\(", path.read_text(encoding="utf-8")) for path in others
    }
    assert {name: values for name, values in found.items() if values} == {
        "layout.css": ["#fff", "#fff"],
        "pages.css": ["#fff"],
    }
