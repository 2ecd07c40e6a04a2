"""The layers, as they are when the program runs: deferred imports fool a static graph."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import ejtui

ROOT = Path(ejtui.__file__).parent
WITHOUT_SCREEN = ("hosts", "erlang", "cluster", "lab", "config", "paths", "cleaning")
# What the line of a layer may load of ejtui: itself, and what stands left of it.
LEFT_OF = {
    "hosts": {"hosts"},
    "erlang": {"hosts", "erlang"},
    "cluster": {"hosts", "erlang", "cluster"},
    "ui": {"hosts", "erlang", "cluster", "ui"},
}
LAYERS = {"hosts", "erlang", "cluster", "ui", "cli", "lab"}


def modules(*packages: str) -> list[str]:
    names = [info.name for info in pkgutil.walk_packages([str(ROOT)], "ejtui.")]
    return [name for name in names if name.split(".")[1] in packages]


@cache
def loaded_by(*arguments: str) -> frozenset[str]:
    """Every module in a fresh interpreter after it ran `arguments`."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return frozenset(line.rpartition("|")[2].strip() for line in lines)


def imported(module: str) -> frozenset[str]:
    return loaded_by("-c", f"import {module}")


def roots(names: frozenset[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def test_the_way_of_looking_sees_what_is_there() -> None:
    assert {"textual", "ejtui"} <= roots(imported("ejtui.ui.app"))


@pytest.mark.parametrize("module", modules(*WITHOUT_SCREEN))
def test_everything_left_of_ui_runs_without_a_screen(module: str) -> None:
    assert roots(imported(module)) & {"textual", "rich"} == set()


@pytest.mark.parametrize("module", modules(*LEFT_OF))
def test_a_layer_knows_only_those_to_its_left(module: str) -> None:
    parts = {name.split(".")[1] for name in imported(module) if name.startswith("ejtui.")}
    assert parts & LAYERS <= LEFT_OF[module.split(".")[1]]


@pytest.mark.parametrize("module", [m for m in modules("hosts") if ".ssh" not in m])
def test_ssh_is_loaded_where_it_is_used(module: str) -> None:
    assert "asyncssh" not in roots(imported(module))


@pytest.mark.parametrize(
    "arguments",
    [
        ("--version",),
        ("--help",),
        ("status", "--help"),
        ("plan", "--help"),
        ("join", "--help"),
        ("rollback", "--help"),
        ("lab", "--help"),
        ("join", "--nonsense"),
    ],
    ids=" ".join,
)
def test_what_needs_no_screen_and_no_line_loads_neither(arguments: tuple[str, ...]) -> None:
    program = f"import sys; from ejtui.cli.main import main; sys.argv[1:] = {list(arguments)!r}"
    ending = "\ntry: main()\nexcept SystemExit: pass"
    loaded = roots(loaded_by("-c", program + ending))
    assert loaded & {"textual", "rich", "asyncssh", "pexpect", "bittty", "cryptography"} == set()


def test_the_libraries_stay_where_they_belong() -> None:
    homes = {"textual": {"ui"}, "asyncssh": {"hosts"}, "pexpect": {"erlang"}}
    for file in ROOT.rglob("*.py"):
        layer = file.relative_to(ROOT).parts[0]
        for line in file.read_text(encoding="utf-8").splitlines():
            words = line.split()
            if words[:1] in (["import"], ["from"]) and len(words) > 1:
                library = words[1].partition(".")[0]
                assert layer in homes.get(library, {layer}), f"{file}: {line}"
