"""The project itself: style, types, layers, locks, tables, and what the container files promise."""

import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import click
import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from tests.fixtures.services import Services, catalogue, make_tables_as_declared
from webapp import schema
from webapp.cli import main
from webapp.config import Settings

PROJECT = Path(schema.__file__).parents[1]
COMPOSE = (PROJECT / "docker-compose.yml").read_text()
IMAGE = (PROJECT / "Dockerfile").read_text()
LINT_IMPORTS = "from importlinter.cli import lint_imports_command as lint; lint()"


def check(*arguments: str) -> None:
    done = subprocess.run([sys.executable, *arguments], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_types_hold() -> None:
    check("-m", "mypy")


def test_style_holds() -> None:
    check("-m", "ruff", "check", ".")


def test_layout_of_code_holds() -> None:
    check("-m", "ruff", "format", "--check", ".")


def test_imports_point_down() -> None:
    check("-c", LINT_IMPORTS)


def test_migrations_make_exactly_the_tables_of_the_code(services: Services, process_name: str) -> None:
    migrated, declared = (
        create_engine(services.make_database(f"{name}_{process_name}", template="template0"), poolclass=NullPool)
        for name in ("migrated", "declared")
    )
    schema.upgrade(migrated)
    make_tables_as_declared(declared)
    assert catalogue(migrated) == catalogue(declared)


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (PROJECT / lock).read_text(), re.MULTILINE))


def test_both_lock_files_name_the_same_versions() -> None:
    wider = pins("requirements-dev.lock")
    assert {name: wider.get(name) for name in pins("requirements.lock")} == pins("requirements.lock")


def test_lock_files_name_every_dependency_and_no_index() -> None:
    text = (PROJECT / "pyproject.toml").read_text()
    wanted = set(re.findall(r'^\s*"([a-z0-9-]+)(?:\[[a-z]+\])?[><=]', text, re.MULTILINE)) - {"setuptools"}
    assert wanted - set(pins("requirements-dev.lock")) == set()
    assert [
        lock for lock in ("requirements.lock", "requirements-dev.lock") if "://" in (PROJECT / lock).read_text()
    ] == []


def commands() -> list[list[str]]:
    """Every `firsthand ...` in the container files, word by word."""
    composed = [line.split() for line in re.findall(r"command: firsthand (.+)", COMPOSE)]
    image = [re.findall(r'"([^"]+)"', line)[1:] for line in re.findall(r'CMD \["firsthand".*', IMAGE)]
    return [*composed, *image]


def test_containers_run_commands_that_exist() -> None:
    assert {words[0] for words in commands()} == {"migrate", "web", "worker", "beat"}
    assert isinstance(main, click.Group)
    for name, *arguments in commands():
        main.commands[name].make_context(name, arguments)  # raises on an unknown option or choice


def test_containers_set_variables_that_are_read() -> None:
    block = COMPOSE.partition("environment: &settings")[2].partition("depends_on")[0]
    known = {each.metadata["name"] for each in fields(Settings)}
    assert set(re.findall(r"^\s+([A-Z_]+):", block, re.MULTILINE)) - known == set()


def test_containers_work_with_the_variables_they_set() -> None:
    block = COMPOSE.partition("environment: &settings")[2].partition("depends_on")[0]
    given = dict(re.findall(r"^\s+([A-Z_]+): (.*)$", block, re.MULTILINE))
    usual = {name: re.sub(r"\$\{[A-Z_]+(?::-([^}]*)|:\?[^}]*)\}", r"\1", value) for name, value in given.items()}
    settings = Settings.from_environment(usual | {"SECRET_KEY": "k" * 32})
    assert (settings.base_url, settings.mail_server, settings.mail_port) == ("http://localhost:8000", "mail", 1025)


def test_the_port_of_the_container_is_the_port_that_is_published() -> None:
    inside = {int(port) for port in re.findall(r"0\.0\.0\.0[:\", ]+(\d+)", COMPOSE + IMAGE)}
    published = re.findall(r'ports: \["127\.0\.0\.1:(\d+):(\d+)"\]', COMPOSE)
    assert inside == {Settings.port} == {int(port) for port in re.findall(r"EXPOSE (\d+)", IMAGE)}
    assert (str(Settings.port), str(Settings.port)) in published


def test_docker_understands_the_compose_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "k" * 32)
    docker = [shutil.which("docker") or "false", "compose"]
    if subprocess.run([*docker, "version"], capture_output=True).returncode:
        pytest.skip("there is no Docker Compose here to read docker-compose.yml")
    subprocess.run([*docker, "--file", PROJECT / "docker-compose.yml", "config", "--quiet"], check=True)
