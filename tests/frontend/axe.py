"""What axe-core has against a page, in one line each; and the six views a page is looked at in, without reloading."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

SCRIPT = Path(__file__).parents[2] / "webapp/assets/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = (1280, 390, 320)
THEMES = ("light", "dark")
COLOURS = ["color-contrast", "link-in-text-block"]
"""All that another theme can change, on a page that is as wide as it was."""
# It is only put in the page itself: asked for frames, it waits half a second for an answer that nobody in there gives.
RUN = """async what => {
  if (!window.axe) return null;
  const options = {runOnly: what, resultTypes: ["violations"], preload: false, iframes: false};
  const found = (await axe.run(document, options)).violations.flatMap(
    v => v.nodes.map(n => `${v.id}: ${n.target.join(" ")}: ${n.failureSummary}`));
  if (document.documentElement.scrollWidth > innerWidth) found.push(`scrolls sideways at ${innerWidth} pixels`);
  return found;
}"""


@cache
def _source() -> str:
    return SCRIPT.read_text(encoding="utf-8")


def problems(page: Page, rules: list[str] | None = None) -> list[str]:
    """Every violation of WCAG 2.2 AA (or of these rules) that axe finds in the page as it is now, and sideways scrolling."""
    found: list[str] | None = page.evaluate(RUN, rules or TAGS)
    if found is None:
        page.evaluate(_source())
        found = page.evaluate(RUN, rules or TAGS)
    assert found is not None
    return found


def views(page: Page) -> Iterator[str]:
    """Put the open page in each of the six views in turn: `1280 light`, ..., `320 dark`."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for theme in THEMES:
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
            yield f"{width} {theme}"


def all_problems(page: Page) -> list[str]:
    """The problems of all six views, each with the view it is in. What is no matter of colour is the same in the dark."""
    return [
        f"{view}: {problem}"
        for view in views(page)
        for problem in problems(page, COLOURS if view.endswith("dark") else None)
    ]
