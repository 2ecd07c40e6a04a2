"""The package's Erlang programs as modules: what erl evaluates becomes the body of a function."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import ejtui

PACKAGE = Path(ejtui.__file__).parent


def erlang_modules(place: Path) -> list[Path]:
    """Lays all of them out at `place`."""
    modules = [Path(shutil.copy(file, place)) for file in sorted(PACKAGE.rglob("*.erl"))]
    return [*modules, *(_as_module(file, place) for file in sorted(PACKAGE.rglob("*.eval")))]


def _as_module(file: Path, place: Path) -> Path:
    text = file.read_text()
    takes = re.search(r"^% Takes: (.*)\.$", text, re.M)
    names = takes[1] if takes else ""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("%")]
    body = re.sub(r"\.$", ",", "\n".join(lines).rstrip("."), flags=re.M)
    module = f"eval_{file.stem}"
    head = f"-module({module}).\n-export([run/{len(names.split())}]).\nrun({names}) ->\n"
    target = place / f"{module}.erl"
    target.write_text(f"{head}{body}.\n")
    return target
