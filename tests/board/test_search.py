"""One field finds whatever an organiser remembers: a name, a spelling, a word that somebody told."""

from tests.board.conftest import Organiser
from tests.factories import NOW, account
from tests.stories import making
from webapp import db
from webapp.groups import merging
from webapp.groups.models import EndUserGroup
from webapp.stories.models import Story


def group(name: str) -> EndUserGroup:
    made = EndUserGroup(added_at=NOW)
    made.call(name)
    db.session.add(made)
    db.session.flush()
    return made


def test_a_group_is_found_by_any_of_its_spellings_and_shown_once(anna: Organiser) -> None:
    with db.transaction():
        kept, other = group("Startende ondernemers"), group("Stárters in de stad")
        merging.merge([other], kept, account("Karim Visser"), NOW)
    found = anna.text("/search?q=STARTERS stad")
    assert ("Startende ondernemers" in found, "Stárters" in found) == (True, False)


def test_a_story_is_found_by_a_word_in_it_and_gone_when_it_is_withdrawn(anna: Organiser) -> None:
    with db.transaction():
        story = making.shared(
            text="De kapster onthield mijn naam, in het café bij Zoë.", title="Zij onthield mijn naam"
        ).id
    assert "Zij onthield mijn naam" in anna.text("/search?q=kapster")
    assert "Zij onthield mijn naam" in anna.text("/search?q=cafe")
    with db.transaction():
        db.session.get_one(Story, story).withdrawn_at = NOW
    assert "Zij onthield mijn naam" not in anna.text("/search?q=kapster")
    assert "Niets gevonden" in anna.text("/search?q=bestaatniet")
