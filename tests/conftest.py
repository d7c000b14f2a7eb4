"""Everything a test may ask for is in `tests/fixtures/`. What did not run is said last, with its reason."""

from collections import Counter

import pytest
from _pytest.terminal import TerminalReporter

pytest_plugins = [
    "tests.fixtures.services",
    "tests.fixtures.smtp",
    "tests.fixtures.database",
    "tests.fixtures.processes",
    "tests.fixtures.browser",
    "tests.fixtures.firsthand",
    "tests.fixtures.mailserver",
]


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """After pytest's own closing line: a run that left something out must not look like a whole one."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if not isinstance(reporter, TerminalReporter):
        return
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in reporter.stats.get("skipped", ()))
    for reason, number in reasons.items():
        tests = "1 test" if number == 1 else f"{number} tests"
        reporter.write_line(f"NOT RUN: {tests}, because {reason}", red=True, bold=True)
