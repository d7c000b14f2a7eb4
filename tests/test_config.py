"""Settings: what is missing or wrong is named, with what to do; what follows from others follows."""

from datetime import timedelta

import pytest

from webapp.config import Settings, SettingsError

GIVEN = {
    "DATABASE_URL": "postgresql://firsthand:s3cret@db/firsthand",
    "REDIS_URL": "redis://redis:6379/0",
    "BASE_URL": "https://visits.example.org/",
    "SECRET_KEY": "0123456789abcdef0123456789abcdef",
}


def read(**more: str) -> Settings:
    return Settings.from_environment(GIVEN | more)


def test_what_is_given_is_read_in_the_spelling_of_who_uses_it() -> None:
    settings = read(SECRET_KEY_FALLBACKS="a" * 32 + ", " + "b" * 32, FIRSTHAND_HOLD="90")
    assert settings.database_url == "postgresql+psycopg://firsthand:s3cret@db/firsthand"
    assert settings.base_url == "https://visits.example.org"
    assert settings.secret_keys == (GIVEN["SECRET_KEY"], "a" * 32, "b" * 32)
    assert settings.hold == timedelta(seconds=90)
    assert settings.secure
    assert settings.mail_off


def test_a_broker_on_a_socket_is_spelled_three_ways() -> None:
    settings = read(REDIS_URL="unix:///run/valkey.sock")
    assert (settings.redis_url, settings.broker_url, settings.limiter_url) == (
        "unix:///run/valkey.sock",
        "redis+socket:///run/valkey.sock",
        "redis+unix:///run/valkey.sock",
    )


@pytest.mark.parametrize(
    ("more", "port", "domain"),
    [
        ({}, 25, "visits.example.org"),
        ({"BASE_URL": "http://127.0.0.1:8000"}, 25, "localhost"),
        ({"MAIL_USE_TLS": "1"}, 587, "visits.example.org"),
        ({"MAIL_USE_SSL": "yes", "MAIL_DEFAULT_SENDER": "Visits <v@Example.NL>"}, 465, "example.nl"),
        ({"MAIL_PORT": "2525", "MAIL_DOMAIN": "bounce.example.nl"}, 2525, "bounce.example.nl"),
    ],
)
def test_mail_settings_follow_from_each_other(more: dict[str, str], port: int, domain: str) -> None:
    settings = read(**more)
    assert (settings.mail_port, settings.mail_domain) == (port, domain)


def test_the_port_of_the_mailbox_follows_from_how_it_is_secured() -> None:
    assert [read(**more).imap_port for more in ({}, {"IMAP_USE_SSL": "0"}, {"IMAP_PORT": "1143"})] == [993, 143, 1143]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (
            {"DATABASE_URL": ""},
            "DATABASE_URL is missing; set it to, for example, postgresql://firsthand:password@db/firsthand.",
        ),
        (
            {"DATABASE_URL": "sqlite:///x.db"},
            "DATABASE_URL is not an address of a PostgreSQL database; "
            "set it to, for example, postgresql://firsthand:password@db/firsthand.",
        ),
        (
            {"DATABASE_URL": "postgresql://db"},
            "DATABASE_URL does not name a database; "
            "set it to, for example, postgresql://firsthand:password@db/firsthand.",
        ),
        (
            {"REDIS_URL": "localhost"},
            "REDIS_URL is not an address of Redis or Valkey; set it to, for example, redis://redis:6379/0.",
        ),
        (
            {"BASE_URL": "visits.example.org"},
            "BASE_URL is not an address of a site, without a path; set it to, for example, https://visits.example.org.",
        ),
        (
            {"SECRET_KEY": "short"},
            "SECRET_KEY has 5 characters and needs at least 32; "
            "set it to, for example, what `openssl rand -base64 48` prints.",
        ),
        ({"PORT": "80000"}, "PORT is not a whole number from 1 to 65535; set it to, for example, 8000."),
        ({"MAIL_USE_TLS": "maybe"}, "MAIL_USE_TLS is neither 1 nor 0; set it to, for example, 1."),
        (
            {"MAIL_DEFAULT_SENDER": "visits"},
            "MAIL_DEFAULT_SENDER is not a mail address; set it to, for example, Visits <visits@example.org>.",
        ),
        (
            {"MAIL_SERVER": "smtp.example.org"},
            "MAIL_DEFAULT_SENDER is missing while MAIL_SERVER is set; "
            "set it to, for example, Visits <visits@example.org>.",
        ),
        (
            {"MAIL_USE_TLS": "1", "MAIL_USE_SSL": "1"},
            "MAIL_USE_TLS and MAIL_USE_SSL exclude each other; keep the first for port 587.",
        ),
        (
            {"MAIL_USERNAME": "me", "MAIL_PASSWORD": "x"},
            "MAIL_USERNAME would send its password readable over the line; set MAIL_USE_TLS=1.",
        ),
        (
            {"MAIL_USERNAME": "me", "MAIL_USE_TLS": "1"},
            "MAIL_USERNAME and MAIL_PASSWORD belong together; set both or neither.",
        ),
        (
            {"IMAP_SERVER": "imap.example.org", "MAIL_DEFAULT_SENDER": "v@example.org"},
            "IMAP_USERNAME is missing while IMAP_SERVER is set; set it, or leave both out.",
        ),
        (
            {"IMAP_SERVER": "imap.example.org", "IMAP_USERNAME": "me", "IMAP_PASSWORD": "x"},
            "MAIL_DEFAULT_SENDER is missing while IMAP_SERVER is set; set it to the address of that mailbox.",
        ),
        ({"IMAP_PORT": "imaps"}, "IMAP_PORT is not a whole number from 1 to 65535; set it to, for example, 993."),
        (
            {"IMAP_FOLDER": 'IN"BOX'},
            "IMAP_FOLDER is not the name of a folder of a mailbox; set it to, for example, INBOX.",
        ),
        (
            {"FIRSTHAND_LEASE": "0"},
            "FIRSTHAND_LEASE is not a number of seconds above 0, a day at most; set it to, for example, 60.",
        ),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(more: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(**more)
    assert str(refused.value) == sentence


def test_a_log_of_the_settings_holds_no_secret() -> None:
    shown = repr(read(MAIL_USERNAME="me", MAIL_PASSWORD="hush-hush", MAIL_USE_TLS="1", IMAP_PASSWORD="psst"))
    assert [secret for secret in ("s3cret", GIVEN["SECRET_KEY"], "hush-hush", "psst") if secret in shown] == []


def test_the_setup_code_follows_from_the_key_alone() -> None:
    assert read().setup_code == read(BASE_URL="http://other.example").setup_code
    assert read().setup_code != read(SECRET_KEY="x" * 32).setup_code
