"""Every mail in both languages, against the files in `golden/`.

After a change of words or looks: `GOLDEN=write .venv/bin/python -m pytest tests/emails/test_golden.py`, then read the
difference as a recipient would.
"""

import os
from pathlib import Path

import pytest

from tests.emails.conftest import Mails
from tests.emails.samples import SAMPLES, Sample
from webapp.i18n import LANGUAGES, Language
from webapp.mailing.mime import Mail
from webapp.mailing.notices import Notice

GOLDEN = Path(__file__).parent / "golden"
WRITE = os.environ.get("GOLDEN") == "write"


def parts(mail: Mail) -> dict[str, str]:
    """What a recipient gets, by the ending of its golden file."""
    headers = {"From": mail.sender, "To": mail.to, "Reply-To": mail.reply_to}
    lines = [f'{name}: "{who[0]}" <{who[1]}>' for name, who in headers.items() if who]
    lines.append(f"Subject: {mail.subject}")
    lines += [f"List-Unsubscribe: {mail.one_click}"] if mail.one_click else []
    found = {"txt": "\n".join([*lines, "", mail.text]), "html": mail.html}
    return found | ({"ics": mail.calendar.decode().replace("\r\n", "\n")} if mail.calendar else {})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_the_mail_is_as_it_was(sample: Sample, language: Language, mails: Mails) -> None:
    made = parts(mails[sample.name, language])
    folder = GOLDEN / sample.notice
    stem = sample.name.partition(".")[2] or "mail"
    if WRITE:
        folder.mkdir(exist_ok=True)
        for ending in ("txt", "html", "ics"):
            (folder / f"{stem}.{language}.{ending}").unlink(missing_ok=True)
        for ending, text in made.items():
            (folder / f"{stem}.{language}.{ending}").write_text(text)
    kept = {path.suffix[1:]: path.read_text() for path in folder.glob(f"{stem}.{language}.*")}
    assert made == kept


def test_every_kind_of_mail_has_a_sample_a_folder_of_templates_and_golden_files() -> None:
    names = set(Notice.all) - {"mail_sample"}  # says what another notice would say
    folders = {path.name for path in (GOLDEN.parents[2] / "webapp/templates/email").iterdir() if path.is_dir()}
    assert {sample.notice for sample in SAMPLES} == names
    assert {notice.folder for notice in Notice.all.values()} == folders
    assert {path.name for path in GOLDEN.iterdir()} == names
