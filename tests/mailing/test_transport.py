"""From the bytes to the relay's answer: each fault of a real relay gives the right outcome, and its neighbours theirs."""

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import flask_mail
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.mailing.relay import Relay as Post
from tests.mailing.relay import certificate, nobody
from tests.mailing.talk import PASSWORD, USERNAME, Fault
from webapp.config import Settings
from webapp.mailing.server import Connection
from webapp.mailing.status import Reply, outcome
from webapp.mailing.transport import Outcome, Outgoing, Relay

HURRY = 5.0
SENDER = "bounce+k7@visits.example"
ANNA, BEA, CEM, DIA = (f"{name}@customer.example" for name in ("anna", "bea", "cem", "dia"))


def settings(port: int, **more: Any) -> Settings:
    return Settings(
        database_url="postgresql+psycopg:///nothing",
        redis_url="redis://127.0.0.1",
        base_url="http://127.0.0.1",
        secret_key="a key for tests only, of forty characters",
        **{"mail_server": "127.0.0.1", "mail_port": port, "mail_domain": "visits.example", **more},
    )


def opened(post: Post, trust: ssl.SSLContext | None = None, **more: Any) -> Relay:
    return Relay.of(settings(post.port, **more), trust)


def letter(recipient: str, text: str = "Tot morgen!") -> Outgoing:
    return Outgoing(SENDER, recipient, f"Message-ID: <{recipient}>\r\n\r\n{text}\r\n".encode())


def send(relay: Relay, *recipients: str, hurry: float = HURRY) -> list[Outcome]:
    return list(relay.transmit([letter(each) for each in recipients], hurry))


def kinds(outcomes: Sequence[Outcome]) -> list[str]:
    return [each.kind for each in outcomes]


def delivered(post: Post) -> list[str]:
    return [copy.recipient for copy in post.accepted]


@pytest.fixture(params=[True, False], ids=["pipelining", "one by one"])
def post(request: pytest.FixtureRequest) -> Iterator[Post]:
    with Post(pipelining=request.param) as post:
        yield post


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def trust(pem: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(pem))


def test_every_mail_of_a_group_gets_its_own_answer(post: Post) -> None:
    with opened(post) as relay:
        outcomes = send(relay, ANNA, BEA, CEM)
    assert outcomes == [
        Outcome("accepted", "dot", 250, "2.0.0", f"Ok: queued as Q00000{n}", f"Q00000{n}") for n in (1, 2, 3)
    ]
    assert [(copy.sender, copy.recipient, copy.content) for copy in post.accepted] == [
        (SENDER, each, letter(each).content) for each in (ANNA, BEA, CEM)
    ]
    assert post.commands[-1] == "QUIT"


def test_one_connection_carries_many_groups(post: Post) -> None:
    with opened(post) as relay:
        for _ in range(5):
            assert kinds(send(relay, ANNA, BEA)) == ["accepted", "accepted"]
    assert (post.connections, len(post.accepted)) == (1, 10)


def test_with_pipelining_a_mail_costs_one_write() -> None:
    with Post() as post, opened(post) as relay:
        relay.open()
        before = post.reads
        send(relay, *[ANNA] * 10)
        assert post.reads - before == 11


def test_nothing_to_send_opens_nothing(post: Post) -> None:
    with opened(post) as relay:
        assert send(relay) == []
    assert post.connections == 0


@pytest.mark.parametrize(
    ("at", "say", "kind", "enhanced"),
    [
        ("mail", "451 4.3.0 Not now", "deferred", "4.3.0"),
        ("mail", "550 5.7.1 Sender not allowed", "refused", "5.7.1"),
        ("rcpt", "450 4.2.0 Greylisted", "deferred", "4.2.0"),
        ("rcpt", "451 4.7.1 Later", "deferred", "4.7.1"),
        ("rcpt", "550 5.1.1 User unknown", "refused", "5.1.1"),
        ("rcpt", "554 5.7.1 Policy", "refused", "5.7.1"),
        ("rcpt", "550 No", "refused", None),
        ("data", "451 4.3.0 Queue full", "deferred", "4.3.0"),
        ("data", "554 5.5.1 No", "refused", "5.5.1"),
        ("dot", "452 4.3.1 Disk full", "deferred", "4.3.1"),
        ("dot", "554 5.7.1 Spam", "refused", "5.7.1"),
    ],
)
def test_a_refused_mail_leaves_its_neighbours_alone(
    post: Post, at: Any, say: str, kind: str, enhanced: str | None
) -> None:
    post.plan("mail" if at == "mail" and not post.pipelining else BEA, Fault(at, say))
    to = (BEA, ANNA, CEM) if at == "mail" else (ANNA, BEA, CEM)
    with opened(post) as relay:
        outcomes = dict(zip(to, send(relay, *to), strict=True))
        again = send(relay, DIA)
    assert {each: outcomes[each].kind for each in to} == {ANNA: "accepted", BEA: kind, CEM: "accepted"}
    assert (outcomes[BEA].stage, outcomes[BEA].code, outcomes[BEA].enhanced) == (at, int(say[:3]), enhanced)
    assert kinds(again) == ["accepted"]
    assert delivered(post) == [ANNA, CEM, DIA]
    assert post.connections == 1


@pytest.mark.parametrize("at", ["rcpt", "data", "dot"])
def test_a_relay_that_closes_with_421_defers_one_mail_and_leaves_the_rest_unsent(post: Post, at: Any) -> None:
    post.plan(BEA, Fault(at, "421 4.3.2 Shutting down"))
    with opened(post) as relay:
        outcomes = send(relay, ANNA, BEA, CEM, DIA)
        assert kinds(outcomes) == ["accepted", "deferred", "unsent", "unsent"]
        assert (outcomes[1].stage, outcomes[1].code, outcomes[1].enhanced) == (at, 421, "4.3.2")
        assert kinds(send(relay, BEA, CEM, DIA)) == ["accepted"] * 3
    assert delivered(post) == [ANNA, BEA, CEM, DIA]


@pytest.mark.parametrize("at", ["rcpt", "data"])
def test_dropped_before_the_dot_means_not_sent(post: Post, at: Any) -> None:
    post.plan(BEA, Fault(at, drop=True))
    with opened(post) as relay:
        outcomes = send(relay, ANNA, BEA, CEM)
        assert kinds(outcomes) == ["accepted", "deferred", "unsent"]
        assert (outcomes[1].stage, outcomes[1].code) == (at, None)
        assert kinds(send(relay, BEA, CEM)) == ["accepted", "accepted"]
    assert delivered(post) == [ANNA, BEA, CEM]


@pytest.mark.parametrize("kept", [True, False])
def test_dropped_after_the_dot_is_unknown_whether_it_was_kept_or_not(post: Post, kept: bool) -> None:
    post.plan(BEA, Fault("dot", None if kept else "not kept", drop=True))
    with opened(post) as relay:
        outcomes = send(relay, ANNA, BEA, CEM)
    assert kinds(outcomes) == ["accepted", "unknown", "unsent"]
    assert outcomes[1].stage == "dot"
    assert delivered(post) == ([ANNA, BEA] if kept else [ANNA])


def test_dropped_in_the_middle_of_a_long_mail_is_not_taken_for_accepted(post: Post) -> None:
    post.plan(ANNA, Fault("body", drop=True))
    long = Outgoing(SENDER, ANNA, b"X: y\r\n\r\n" + b"x" * 70 * 1_000_000 + b"\r\n")
    with opened(post) as relay:
        assert kinds(list(relay.transmit([long], HURRY))) == ["deferred"]
    assert post.accepted == []


def test_no_answer_to_the_dot_is_unknown(post: Post) -> None:
    post.plan(BEA, Fault("dot", after=60))
    with opened(post, dot_timeout=timedelta(seconds=0.2)) as relay:
        outcomes = send(relay, ANNA, BEA, CEM)
    assert kinds(outcomes) == ["accepted", "unknown", "unsent"]
    assert outcomes[1].text == "timed out"


def test_a_slow_dot_is_waited_for_and_nothing_follows_it_too_late(post: Post) -> None:
    post.plan(ANNA, Fault("dot", after=0.3))
    with opened(post) as relay:
        assert kinds(send(relay, ANNA, BEA, hurry=0.2)) == ["accepted", "unsent"]
    assert delivered(post) == [ANNA]


def test_a_tarpit_is_left_in_time_and_comes_back_later(post: Post) -> None:
    post.plan(BEA, Fault("rcpt", after=60))
    began = monotonic()
    with opened(post) as relay:
        outcomes = send(relay, ANNA, BEA, CEM, hurry=0.3)
        assert kinds(outcomes) == ["accepted", "deferred", "unsent"]
        assert (outcomes[1].stage, outcomes[1].text) == ("rcpt", "timed out")
        assert monotonic() - began < 5
        assert kinds(send(relay, CEM)) == ["accepted"]
    assert delivered(post) == [ANNA, CEM]


def test_when_the_marker_is_too_old_nothing_leaves_and_the_first_is_deferred(post: Post) -> None:
    with opened(post) as relay:
        assert kinds(send(relay, ANNA, BEA, hurry=0)) == ["deferred", "unsent"]
    assert post.accepted == []


def test_the_hurry_counts_from_the_call(post: Post) -> None:
    with opened(post) as relay:
        outcomes = relay.transmit([letter(ANNA), letter(BEA)], 0.2)
        wire_is_old = monotonic() + 0.2
        while monotonic() < wire_is_old:
            pass
        assert kinds(list(outcomes)) == ["deferred", "unsent"]
    assert post.accepted == []


def test_a_relay_that_does_not_answer_a_command_is_given_up(post: Post) -> None:
    post.plan("connection", Fault("ehlo", after=60))
    with opened(post, command_timeout=timedelta(seconds=0.2)) as relay:
        outcomes = send(relay, ANNA, BEA)
    assert [(each.kind, each.stage, each.text) for each in outcomes] == [("deferred", "greeting", "timed out")] * 2


def test_a_relay_that_hung_up_between_two_groups_is_called_again(post: Post) -> None:
    with opened(post) as relay:
        assert kinds(send(relay, ANNA)) == ["accepted"]
        post.hang_up()
        assert kinds(send(relay, BEA, CEM)) == ["accepted", "accepted"]
    assert (delivered(post), post.connections) == ([ANNA, BEA, CEM], 2)


def test_an_idle_connection_is_not_trusted(post: Post) -> None:
    with Relay(Connection.of(settings(post.port)), idle_seconds=0) as relay:
        send(relay, ANNA)
        assert kinds(send(relay, BEA)) == ["accepted"]
    assert post.connections == 2


def test_a_relay_that_takes_three_mails_a_connection_gets_them_all_in_threes() -> None:
    with Post(most=3) as post, opened(post) as relay:
        assert kinds(send(relay, ANNA, BEA, CEM, DIA)) == ["accepted"] * 3 + ["unsent"]
        assert kinds(send(relay, DIA, ANNA, BEA)) == ["accepted"] * 3
        assert kinds(send(relay, CEM)) == ["accepted"]  # 421 to the first of a group: a new connection, at once
        assert (len(post.accepted), post.connections) == (7, 3)


def test_a_fresh_connection_that_is_closed_at_once_defers() -> None:
    with Post(most=0) as post, opened(post) as relay:
        outcomes = send(relay, ANNA, BEA)
        assert kinds(outcomes) == ["deferred", "unsent"]
        assert (outcomes[0].stage, outcomes[0].code) == ("mail", 421)


@pytest.mark.parametrize("say", ["hello", "", "999 9.9.9 What", "250-never\r\nends", "354 Go on"])
def test_nonsense_after_the_dot_is_unknown(post: Post, say: str) -> None:
    post.plan(ANNA, Fault("dot", say or "\t"))
    with opened(post) as relay:
        assert kinds(send(relay, ANNA, BEA)) == ["unknown", "unsent"]
    assert delivered(post) == []


@pytest.mark.parametrize("say", ["hello", "250 Ok", "999 9.9.9 What", "354-never\r\nends"])
def test_nonsense_before_the_dot_is_not_sent(post: Post, say: str) -> None:
    post.plan(ANNA, Fault("data", say))
    with opened(post) as relay:
        assert kinds(send(relay, ANNA, BEA)) == ["deferred", "unsent"]
    assert delivered(post) == []


def test_a_relay_that_would_take_a_mail_for_nobody_gets_none() -> None:
    with Post(lenient=True) as post, opened(post) as relay:
        post.plan(BEA, Fault("rcpt", "550 5.1.1 Unknown"))
        assert kinds(send(relay, ANNA, BEA, CEM)) == ["accepted", "refused", "unsent"]
        assert kinds(send(relay, CEM)) == ["accepted"]
        assert delivered(post) == [ANNA, CEM]


def test_who_stops_listening_in_the_middle_ends_the_connection(post: Post) -> None:
    with opened(post) as relay:
        outcomes = relay.transmit([letter(ANNA), letter(BEA), letter(CEM)], HURRY)
        assert next(outcomes).kind == "accepted"
        del outcomes
        assert kinds(send(relay, DIA)) == ["accepted"]
    assert delivered(post) == [ANNA, DIA]


def test_a_relay_that_is_absent_defers_everybody_and_needs_no_marker() -> None:
    relay = Relay.of(settings(nobody()))
    failure = relay.open()
    assert failure == Outcome("deferred", "connect", text="Connection refused")
    assert send(relay, ANNA, BEA) == [failure, failure]


def test_a_relay_whose_name_does_not_exist_is_named_as_such() -> None:
    failure = Relay.of(settings(25, mail_server="relay.invalid")).open()
    assert failure is not None
    assert (failure.kind, failure.stage) == ("deferred", "dns")


def test_a_relay_that_is_not_at_home_defers_everybody(post: Post) -> None:
    post.greeting = "554 5.3.2 No service"
    with opened(post) as relay:
        outcomes = send(relay, ANNA, BEA)
    assert [(each.kind, each.stage, each.code) for each in outcomes] == [("deferred", "greeting", 554)] * 2


def test_mail_goes_over_a_trusted_connection_after_logging_in(pem: Path, trust: ssl.SSLContext) -> None:
    for implicit in (False, True):
        kind = {"mail_use_ssl": True} if implicit else {"mail_use_tls": True}
        with Post(certificate=pem, implicit=implicit, login=True) as post:
            with opened(post, trust, **kind, mail_username=USERNAME, mail_password=PASSWORD) as relay:
                assert kinds(send(relay, ANNA, BEA)) == ["accepted", "accepted"]
                assert kinds(send(relay, CEM)) == ["accepted"]
                assert [stage.name for stage in relay.check()] == (
                    ["connect", "tls", "greeting", "login"] if implicit else ["connect", "greeting", "tls", "login"]
                )
            assert post.connections == 2  # one of them the check


def refused_peer(post: Post, trust: ssl.SSLContext | None = None, **more: Any) -> Outcome:
    """The outcome for everybody, having made sure that no password and no mail left."""
    kind = {"mail_use_ssl": True} if post.implicit else {"mail_use_tls": True}
    with opened(post, trust, **kind, mail_username=USERNAME, mail_password=PASSWORD, **more) as relay:
        outcomes = send(relay, ANNA, BEA)
        assert relay.check()[-1].outcome == outcomes[0]
    assert outcomes == [outcomes[0]] * 2
    assert (outcomes[0].kind, outcomes[0].stage) == ("deferred", "tls")
    assert post.accepted == []
    assert {command.split()[0].upper() for command in post.commands} <= {"EHLO", "STARTTLS"}
    return outcomes[0]


@pytest.mark.parametrize("implicit", [False, True])
def test_a_self_signed_peer_hears_no_password_and_no_mail(pem: Path, implicit: bool) -> None:
    with Post(certificate=pem, login=True, implicit=implicit) as post:
        assert "self-signed certificate" in refused_peer(post).text


@pytest.mark.parametrize("implicit", [False, True])
def test_a_peer_with_somebody_elses_certificate_hears_no_password_and_no_mail(tmp_path: Path, implicit: bool) -> None:
    other = certificate(tmp_path, "elsewhere.example")
    trust = ssl.create_default_context(cafile=str(other))
    with Post(certificate=other, login=True, implicit=implicit) as post:
        assert "not valid for '127.0.0.1'" in refused_peer(post, trust).text


def test_a_peer_whose_starttls_was_stripped_hears_no_password_and_no_mail() -> None:
    with Post(login=True) as post:
        assert refused_peer(post).text == "STARTTLS extension not supported by server"


def test_a_peer_that_cannot_start_tls_now_hears_no_password_and_no_mail(pem: Path, trust: ssl.SSLContext) -> None:
    with Post(certificate=pem, login=True) as post:
        post.plan("connection", *[Fault("starttls", "454 4.7.0 TLS not available")] * 2)
        assert refused_peer(post, trust).code == 454


def test_what_somebody_in_between_said_in_the_clear_is_forgotten(pem: Path, trust: ssl.SSLContext) -> None:
    injected = b"250-evil.example\r\n250 AUTH PLAIN\r\n250 2.1.0 Ok\r\n"
    with Post(certificate=pem, injects=injected) as post, opened(post, trust, mail_use_tls=True) as relay:
        failure = relay.open()
        assert failure is None or failure.stage == "tls"
        assert post.accepted == []


def test_a_password_never_leaves_without_tls(post: Post) -> None:
    post.login = True
    with opened(post, mail_username=USERNAME, mail_password=PASSWORD) as relay:
        outcomes = send(relay, ANNA)
    assert outcomes == [Outcome("deferred", "tls", text="MAIL_USERNAME needs MAIL_USE_TLS or MAIL_USE_SSL")]
    assert post.connections == 0


def test_a_wrong_password_defers_and_fails_nobody(pem: Path, trust: ssl.SSLContext) -> None:
    with Post(certificate=pem, login=True) as post:
        for password, code in (("wrong", 535), ("wachtwoord met é", None)):
            with opened(post, trust, mail_use_tls=True, mail_username=USERNAME, mail_password=password) as relay:
                outcomes = send(relay, ANNA, BEA)
            assert [(each.kind, each.stage, each.code) for each in outcomes] == [("deferred", "login", code)] * 2
            assert password not in outcomes[0].text


def test_a_relay_that_wants_a_login_nobody_set_defers_and_fails_nobody() -> None:
    with Post(login=True) as post, opened(post) as relay:
        outcomes = send(relay, ANNA, BEA)
        assert [(each.kind, each.stage, each.code) for each in outcomes] == [("deferred", "login", 530)] * 2


def test_the_check_tells_stage_by_stage_how_far_it_came(post: Post) -> None:
    stages = opened(post).check()
    assert [(each.name, each.outcome.kind, each.outcome.text) for each in stages] == [
        ("connect", "accepted", ""),
        ("greeting", "accepted", "relay.example ESMTP"),
    ]
    assert [(each.name, each.outcome.kind) for each in Relay.of(settings(nobody())).check()] == [
        ("connect", "deferred")
    ]


def test_flask_mails_own_api_goes_over_the_mended_connection(post: Post) -> None:
    app = Flask(__name__)
    flask_mail.Mail(app)
    with app.app_context(), Connection.of(settings(post.port)) as connection:
        connection.send(flask_mail.Message("Hoi", [ANNA], "Tot morgen!", sender=SENDER))
    assert delivered(post) == [ANNA]
    with pytest.raises(smtplib.SMTPException, match="STARTTLS"), Connection.of(settings(post.port, mail_use_tls=True)):
        pass


faults = st.one_of(
    st.none(),
    st.builds(
        Fault,
        st.sampled_from(["rcpt", "data", "dot"]),
        st.sampled_from(["421 4.3.2 Bye", "450 4.2.0 Later", "451 4.3.0 Later", "550 5.1.1 Unknown", "554 5.7.1 No"]),
    ),
    st.builds(Fault, st.sampled_from(["rcpt", "data", "dot"]), drop=st.just(True)),
    st.builds(Fault, st.just("dot"), st.just("not kept"), drop=st.just(True)),
)


@given(
    plan=st.lists(faults, min_size=1, max_size=12),
    size=st.integers(1, 5),
    most=st.integers(1, 6),
    pipelining=st.booleans(),
)
def test_whatever_fails_the_outcome_never_contradicts_the_relay(
    plan: list[Fault | None], size: int, most: int, pipelining: bool
) -> None:
    waiting = [f"p{number}@customer.example" for number in range(len(plan))]
    ended: dict[str, str] = {}
    with Post(most=most, pipelining=pipelining) as post, opened(post) as relay:
        for recipient, fault in zip(waiting, plan, strict=True):
            if fault:
                post.plan(recipient, fault)
        for _ in range(4 * len(plan)):
            group, waiting = waiting[:size], waiting[size:]
            for recipient, result in zip(group, send(relay, *group), strict=True):
                copies = len(post.copies(recipient))
                assert copies in {"accepted": {1}, "unknown": {0, 1}}.get(result.kind, {0})
                if result.kind in {"deferred", "unsent"}:
                    waiting.append(recipient)
                else:
                    ended[recipient] = result.kind
    assert waiting == []
    refused = {f"p{n}@customer.example" for n, fault in enumerate(plan) if fault and (fault.say or "").startswith("55")}
    assert {recipient for recipient, kind in ended.items() if kind == "refused"} == refused


lines = st.lists(st.text("ab. ", max_size=8).map(lambda line: line.encode()), max_size=12)


@given(bodies=st.lists(lines, min_size=1, max_size=4))
def test_dots_at_the_beginning_of_a_line_arrive_as_they_were(open_relay: tuple[Post, Relay], bodies: Any) -> None:
    post, relay = open_relay
    post.accepted.clear()
    group = [Outgoing(SENDER, ANNA, b"".join(line + b"\r\n" for line in [*body, b"."])) for body in bodies]
    assert kinds(list(relay.transmit(group, HURRY))) == ["accepted"] * len(group)
    assert [copy.content for copy in post.accepted] == [each.content for each in group]


@pytest.fixture(scope="module")
def open_relay() -> Iterator[tuple[Post, Relay]]:
    with Post() as post, opened(post) as relay:
        yield post, relay


@pytest.mark.parametrize(
    ("sender", "recipient", "content", "why"),
    [
        (SENDER, "anna@x.example>\r\nRCPT TO:<all@x.example", b"x\r\n", "line break"),
        (SENDER, "änna@x.example", b"x\r\n", "before the @-sign"),
        ("a b", ANNA, b"x\r\n", "@-sign"),
        (SENDER, ANNA, b"x\n.\r\nMAIL FROM:<a@x.example>\r\n", "CRLF"),
        (SENDER, ANNA, b"x\r.\r\n", "CRLF"),
        (SENDER, ANNA, b"x", "CRLF"),
        (SENDER, ANNA, "é\r\n".encode(), "7-bit"),
    ],
)
def test_what_could_smuggle_in_another_mail_cannot_be_handed_over(
    sender: str, recipient: str, content: bytes, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        Outgoing(sender, recipient, content)


def test_a_domain_outside_ascii_reaches_the_relay_in_its_wire_form(post: Post) -> None:
    with opened(post) as relay:
        assert kinds(list(relay.transmit([replace(letter(ANNA), recipient="anna@bücher.example")], HURRY))) == [
            "accepted"
        ]
    assert delivered(post) == ["anna@xn--bcher-kva.example"]


def test_an_answer_is_kept_without_the_address_it_names(post: Post) -> None:
    post.plan(
        ANNA,
        Fault(
            "rcpt",
            "550-5.1.1 <Anna@customer.example>: user Anna unknown;\r\n550 5.1.1 see https://x.example/?m=anna%40customer.example",
        ),
    )
    with opened(post) as relay:
        assert send(relay, ANNA) == [Outcome("refused", "rcpt", 550, "5.1.1", "<…>: user … unknown; see https:…")]


@pytest.mark.parametrize(
    ("said", "queue_id"),
    [
        ("2.0.0 Ok: queued as 4Zxq2r1Wn3z9sXk", "4Zxq2r1Wn3z9sXk"),
        ("OK id=1tB3cD-0000000Abcd-2xYz", "1tB3cD-0000000Abcd-2xYz"),
        (
            "2.6.0 <a@b.example> [InternalId=4711, Hostname=ex.example] 9 bytes in 0.1 s Queued mail for delivery",
            "4711",
        ),
        ("2.0.0 5AB1cd2e012345 Message accepted for delivery", "5AB1cd2e012345"),
        ("2.0.0 OK  1764782345 5b1f17b1804b1-42e8a4.1 - gsmtp", "5b1f17b1804b1-42e8a4.1"),
        ("Ok 0102018f5e4d3c2b-1a2b3c4d-5e6f", "0102018f5e4d3c2b-1a2b3c4d-5e6f"),
        ("ok 1764782345 qp 4711", "4711"),
        ("2.0.0 Ok", None),
    ],
)
def test_the_relays_own_number_is_kept(said: str, queue_id: str | None) -> None:
    assert outcome("accepted", "dot", Reply(250, (said,))).queue_id == queue_id


def test_the_enhanced_code_of_another_class_is_no_code() -> None:
    assert outcome("deferred", "rcpt", Reply(450, ("5.1.1 strange",))).enhanced is None


def test_an_endless_answer_is_kept_short() -> None:
    assert len(outcome("refused", "rcpt", Reply(550, ("x" * 4000,))).text) == 500
