"""The layers, as they are when the program runs: deferred imports fool a static graph."""

from __future__ import annotations

import json
import os
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


# Each statement in an interpreter of its own, at the price of a fork. What is loaded before takes
# long, is not what is looked for, and loads none of it.
_EACH_IN_ITS_OWN = """
import json, os, sys, traceback
import asyncio, dataclasses, ssl, tomllib
import bittty, erlang, pexpect
exec(sys.argv[1])
for statement in sys.argv[2:]:
    ours, theirs = os.pipe()
    if os.fork() == 0:
        with os.fdopen(theirs, "w") as out:
            try:
                exec(statement)
                answer = sorted(sys.modules)
            except BaseException:
                answer = traceback.format_exc()
            json.dump(answer, out)
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as answer:
        print(answer.read(), flush=True)
    os.wait()
"""


def loaded_by(*statements: str, before: str = "") -> list[frozenset[str] | str]:
    """For each statement, every module that an interpreter has after it; a traceback if it fails.

    Only what `before` and `_EACH_IN_ITS_OWN` name was loaded before.
    """
    done = subprocess.run(
        [sys.executable, "-c", _EACH_IN_ITS_OWN, before, *statements],
        # With bytecode, whatever this machine has set: all that is imported is compiled otherwise.
        env={name: of for name, of in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        stdout=subprocess.PIPE,
        text=True,
        timeout=600,
        check=True,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return [each if isinstance(each, str) else frozenset(each) for each in found]


@cache
def imports() -> dict[str, frozenset[str] | str]:
    """What importing each of our modules loads; a screen's have Textual to begin with."""
    without = [name for name in modules(*WITHOUT_SCREEN, *LEFT_OF) if ".ui." not in name]
    screens = modules("ui")
    loaded = loaded_by(*(f"import {name}" for name in without))
    loaded += loaded_by(*(f"import {name}" for name in screens), before="import textual.app")
    return dict(zip([*without, *screens], loaded, strict=True))


def imported(module: str) -> frozenset[str]:
    loaded = imports()[module]
    assert not isinstance(loaded, str), loaded
    return loaded


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
    quiet = "import io; sys.stdout = sys.stderr = io.StringIO()"
    program = f"from ejtui.cli.main import main\ntry: main({list(arguments)!r})"
    (loaded,) = loaded_by(f"{quiet}\n{program}\nexcept SystemExit: pass")
    assert not isinstance(loaded, str), loaded
    assert roots(loaded) & {"textual", "rich", "asyncssh", "cryptography"} == set()


def test_the_libraries_stay_where_they_belong() -> None:
    homes = {"textual": {"ui"}, "asyncssh": {"hosts"}, "pexpect": {"erlang"}}
    for file in ROOT.rglob("*.py"):
        layer = file.relative_to(ROOT).parts[0]
        for line in file.read_text(encoding="utf-8").splitlines():
            words = line.split()
            if words[:1] in (["import"], ["from"]) and len(words) > 1:
                library = words[1].partition(".")[0]
                assert layer in homes.get(library, {layer}), f"{file}: {line}"
