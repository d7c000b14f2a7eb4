from tests.board.conftest import Organiser


def test_smoke(anna: Organiser) -> None:
    for path in (
        "/today",
        "/customers",
        "/customers?view=list",
        "/messages",
        "/staff",
        "/search?q=sam",
        "/customers/new",
        "/staff/new",
        "/staff/teams/new",
        "/live",
        "/today/waiting",
    ):
        answer = anna.get(path)
        print(path, answer.status_code)
        assert answer.status_code == 200, answer.text[:3000]
