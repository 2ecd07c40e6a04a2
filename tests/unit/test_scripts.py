"""The shell and Erlang programs are files, and what checks such files finds nothing in them."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ejtui import scripts
from tests.programs import PACKAGE, erlang_modules
from tests.skipping import skip_for

CLONE = Path(__file__).parents[2]

# What the probe calls of ejabberd's own, where that is there.
_EJABBERD = re.compile(r"ejabberd|ejabberd_\w+|mod_\w+|pubsub_\w+|gen_mod|jid|acl")

# A line that a shell's or Erlang's program of several lines has, and an English text has not.
_SIGN = re.compile(
    r"^\s*(if \[|fi$|done\b|esac$|case .* (in|of)$|end[,.)]|-module\(|\w+ = fun\b|exec \")|\bfun\(",
    re.M,
)

_XREF = """
xref:start(s),
xref:set_default(s, [{verbose, false}, {warnings, false}]),
{ok, _} = xref:add_directory(s, "."),
ok = xref:set_library_path(s, code:get_path()),
{ok, Calls} = xref:analyze(s, undefined_function_calls),
[io:format("~s ~s:~s/~b~n", [element(1, From), M, F, A]) || {From, {M, F, A}} <- Calls],
halt().
"""


def _tool(name: str) -> None:
    skip_for(None if shutil.which(name) else f"packages are missing: {name}")


def _shell_files() -> list[Path]:
    found = [file for top in ("ejtui", "tests", ".ci") for file in (CLONE / top).rglob("*")]
    return [file for file in found if file.is_file() and _is_shell(file)]


def _is_shell(file: Path) -> bool:
    if file.suffix:
        return file.suffix == ".sh"
    with file.open("rb") as opened:
        return re.match(rb"#!/bin/(ba)?sh\b", opened.readline()) is not None


def test_shellcheck_finds_nothing() -> None:
    _tool("shellcheck")
    files = _shell_files()
    assert {"guard.sh", "detection.sh", "run.sh", "run", "try", "setup.sh"} <= {
        f.name for f in files
    }
    argv = ["shellcheck", "--external-sources", "--source-path=SCRIPTDIR:.", *map(str, files)]
    done = subprocess.run(argv, cwd=CLONE, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["wider_path.sh", "decode.sh", "place.sh", "step_down.sh"])
def test_what_is_sent_as_one_line_is_the_same_program(name: str) -> None:
    """A shell prints both alike once it has read them."""
    module = str(PACKAGE / "hosts" / "programs" / "wire.py")
    read = [
        subprocess.run(
            ["bash", "-c", f"f() {{\n{text}\n}}; declare -f f"], capture_output=True, check=True
        ).stdout
        for text in (scripts.shell(module, name), scripts.shell_line(module, name))
    ]
    assert read[0] == read[1]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every Erlang program as a module: those that erl evaluates as the body of a function."""
    _tool("erlc")
    place = tmp_path_factory.mktemp("erlang")
    files = erlang_modules(place)
    assert len(files) > 45
    argv = ["erlc", "-Werror", "+debug_info", *map(str, files)]
    done = subprocess.run(argv, cwd=place, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return place


def test_erlc_warns_of_nothing(compiled: Path) -> None:
    assert list(compiled.glob("*.beam"))


def test_xref_finds_no_call_of_what_is_nowhere(compiled: Path) -> None:
    argv = ["erl", "-noinput", "-eval", _XREF]
    done = subprocess.run(
        argv, cwd=compiled, capture_output=True, text=True, timeout=60, check=True
    )
    missing = [line for line in done.stdout.splitlines() if not _ours(line)]
    assert missing == []


def _ours(line: str) -> bool:
    return _EJABBERD.fullmatch(line.split()[1].partition(":")[0]) is not None


def test_no_program_is_a_text_in_python() -> None:
    found = []
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
                if text.count("\n") > 2 and _SIGN.search(text):
                    found.append(f"{file.relative_to(PACKAGE)}:{node.lineno}: {text[:60]!r}")
    assert found == []
