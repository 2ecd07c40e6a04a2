"""The layers, as they are when the program runs: deferred imports fool a static graph."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Collection, Iterable, Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import ejtui
from ejtui.help import page

ROOT = Path(ejtui.__file__).parent
WITHOUT_SCREEN = (
    "hosts",
    "platforms",
    "erlang",
    "cluster",
    "lab",
    "config",
    "paths",
    "amounts",
    "cleaning",
    "scripts",
)
# What the line of a layer may load of ejtui: itself, and what stands left of it.
LEFT_OF = {
    "hosts": {"hosts"},
    "platforms": {"hosts", "platforms"},
    "erlang": {"hosts", "platforms", "erlang"},
    "cluster": {"hosts", "platforms", "erlang", "cluster"},
    "ui": {"hosts", "platforms", "erlang", "cluster", "ui"},
}
LAYERS = {"hosts", "platforms", "erlang", "cluster", "ui", "cli", "lab"}


def modules(*packages: str) -> list[str]:
    names = [info.name for info in pkgutil.walk_packages([str(ROOT)], "ejtui.")]
    return [name for name in names if name.split(".")[1] in packages]


def loaded_by(statement: str) -> frozenset[str]:
    """Every module that a new interpreter has after the statement."""
    program = f"import sys\n{statement}\nprint(*sys.modules, file=sys.__stdout__)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        timeout=600,
        check=True,
    )
    return frozenset(done.stdout.split())


def loaded_by_all(names: Iterable[str]) -> frozenset[str]:
    """What importing all of these modules loads: what none of them loads is not in it."""
    return loaded_by(f"import {', '.join(names)}")


def roots(names: frozenset[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def imported_at_once(body: Iterable[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports that run with the module itself: not those of functions and for types alone."""
    for each in body:
        match each:
            case ast.Import() | ast.ImportFrom():
                yield each
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield from imported_at_once(each.orelse)
            case ast.If() | ast.Try():
                yield from imported_at_once([*each.body, *each.orelse])
            case ast.With() | ast.ClassDef():
                yield from imported_at_once(each.body)


def needed_by(name: str, file: Path, known: Collection[str]) -> set[str]:
    """The modules that must be whole before this one is, with the packages that they are in."""
    needed: set[str] = set()
    for each in imported_at_once(ast.parse(file.read_text()).body):
        if isinstance(each, ast.Import):
            asked = {alias.name for alias in each.names}
        else:
            inner = {f"{each.module}.{alias.name}" for alias in each.names}
            asked = {one if one in known else str(each.module) for one in inner}
        above = {one[:end] for one in asked for end, sign in enumerate(one) if sign == "."}
        needed |= asked | {one for one in above if not f"{name}.".startswith(f"{one}.")}
    return needed & {*known} - {name}


def test_no_module_needs_itself() -> None:
    """Else it would depend on the order of imports whether the program starts."""
    files = {
        ".".join(("ejtui", *file.relative_to(ROOT).with_suffix("").parts)).removesuffix(
            ".__init__"
        ): file
        for file in ROOT.rglob("*.py")
    }
    needs = {name: needed_by(name, file, files) for name, file in files.items()}
    assert len(list(TopologicalSorter(needs).static_order())) == len(files)
    assert "ejtui.hosts" in needs["ejtui.cluster.backups.folders"], "it looks in vain"


# Each in a new process, at the price of a fork: what takes long is loaded before.
_EACH_FIRST = """
import gc, os, sys
import asyncssh, bittty, erlang, pexpect, rich.text, textual.app, textual.screen, textual.widget
gc.disable()
gc.freeze()
for name in sys.argv[1:]:
    if os.fork() == 0:
        __import__(name)
        os._exit(0)
    if os.wait()[1]:
        print(name)
"""


@pytest.mark.catalogue
def test_each_module_can_be_the_first_that_is_imported() -> None:
    names = modules(*WITHOUT_SCREEN, "ui", "cli")
    done = subprocess.run(
        [sys.executable, "-c", _EACH_FIRST, *names],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [], done.stderr


def test_the_way_of_looking_sees_what_is_there() -> None:
    assert {"textual", "ejtui"} <= roots(loaded_by_all(["ejtui.ui.app"]))


def test_everything_left_of_ui_runs_without_a_screen() -> None:
    loaded = loaded_by_all(modules(*WITHOUT_SCREEN))
    assert "ejtui" in roots(loaded)
    assert roots(loaded) & {"textual", "rich"} == set()


@pytest.mark.parametrize("layer", LEFT_OF)
def test_a_layer_knows_only_those_to_its_left(layer: str) -> None:
    loaded = loaded_by_all(modules(layer))
    parts = {name.split(".")[1] for name in loaded if name.startswith("ejtui.")}
    assert layer in parts & LAYERS <= LEFT_OF[layer]


def test_ssh_is_loaded_where_it_is_used() -> None:
    loaded = loaded_by_all(name for name in modules("hosts") if ".ssh" not in name)
    assert "asyncssh" not in roots(loaded)


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
    loaded = loaded_by(f"{quiet}\n{program}\nexcept SystemExit: pass")
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


def test_the_page_shows_the_rooms_of_cluster_as_the_contract_has_them() -> None:
    pyproject = tomllib.loads((ROOT.parent / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = pyproject["tool"]["importlinter"]["contracts"]
    layers = next(each for each in contracts if "containers" in each)["layers"]
    rooms = [room for layer in layers for room in layer.split(" | ")]
    shown = re.findall(r"^\| `(\w+)` \| (.+) \|$", page("architecture"), re.MULTILINE)
    assert [room for room, _ in shown] == rooms
    for room, purpose in shown:
        docstring = importlib.import_module(f"ejtui.cluster.{room}").__doc__ or ""
        assert docstring.splitlines()[0].rstrip(".").lower() == purpose.lower(), room
