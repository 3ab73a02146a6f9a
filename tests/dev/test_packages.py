"""Packages of the system that are missing."""

from __future__ import annotations

import shutil
import subprocess
from types import SimpleNamespace

import pytest

from dev.cluster import packages

COMMANDS = {"apt-get": "/usr/bin/apt-get", "sudo": "/usr/bin/sudo"}


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Nothing is installed, and no command is run; return the commands."""
    ran: list[list[str]] = []

    def run(command: list[str], **_: object) -> SimpleNamespace:
        ran.append(command)
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(packages, "postgres_programs", lambda: None)
    return ran


def machine(monkeypatch: pytest.MonkeyPatch, *, root: bool, has: tuple[str, ...]) -> None:
    monkeypatch.setattr(packages, "is_root", lambda: root)
    monkeypatch.setattr(shutil, "which", lambda name: COMMANDS[name] if name in has else None)


@pytest.mark.parametrize(
    ("root", "has", "as_root"),
    [(True, ("apt-get",), []), (False, ("apt-get", "sudo"), ["sudo"])],
)
def test_what_is_missing_is_installed(
    monkeypatch: pytest.MonkeyPatch,
    ran: list[list[str]],
    root: bool,
    has: tuple[str, ...],
    as_root: list[str],
) -> None:
    machine(monkeypatch, root=root, has=has)
    packages.install_missing()
    install = ["apt-get", "install", "--yes", "--no-install-recommends", "postgresql", "redis-server"]
    assert ran == [[*as_root, "apt-get", "update"], [*as_root, *install]]


@pytest.mark.parametrize(
    ("has", "reason"),
    [
        ((), "The cluster needs postgresql redis-server, and this machine has no apt-get"),
        (("apt-get",), "The cluster needs postgresql redis-server, and you are neither root nor have sudo"),
    ],
)
def test_what_can_not_be_installed_ends_the_program_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, ran: list[list[str]], has: tuple[str, ...], reason: str
) -> None:
    machine(monkeypatch, root=False, has=has)
    with pytest.raises(SystemExit, match=reason):
        packages.install_missing()
    assert ran == []


def test_an_installation_that_fails_ends_the_program(
    monkeypatch: pytest.MonkeyPatch, ran: list[list[str]]
) -> None:
    machine(monkeypatch, root=True, has=("apt-get",))
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=100))
    with pytest.raises(SystemExit, match=r"apt-get update failed\. Install it by hand"):
        packages.install_missing()


def test_nothing_is_installed_if_nothing_is_missing(
    monkeypatch: pytest.MonkeyPatch, ran: list[list[str]]
) -> None:
    monkeypatch.setattr(packages, "postgres_programs", lambda: "/usr/lib/postgresql/15/bin")
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    packages.install_missing()
    assert ran == []
