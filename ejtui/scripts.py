"""The shell and Erlang programs that hosts are given: files beside the modules that send them.

Comments stay here: a host is sent what it runs alone. `shellcheck`, `erlc` and `xref` read the
files whole. An Erlang program for `erl -eval` is a file `.eval`, and begins with what it expects
its caller to bind: `% Takes: Seconds.`
"""

from __future__ import annotations

from pathlib import Path


def shell(module: str, name: str) -> str:
    """The shell (or awk) program `name` beside `module`, which is the caller's `__file__`."""
    return "\n".join(_lines(module, name, "#")) + "\n"


def shell_line(module: str, name: str) -> str:
    """The same as one line; each of the file's lines ends as a shell's line may go on."""
    return " ".join(line.strip() for line in _lines(module, name, "#"))


def erlang(module: str, name: str, **bound: object) -> str:
    """The Erlang program `name` beside `module` as one line.

    `bound` are variables with the terms, quoted by the caller, that they are bound to.
    """
    lines = [f"{variable} = {value}," for variable, value in bound.items()]
    return " ".join([*lines, *(line.strip() for line in _lines(module, name, "%"))])


def _lines(module: str, name: str, comment: str) -> list[str]:
    text = Path(module).with_name(name).read_text(encoding="utf-8")
    lines = (line.rstrip() for line in text.splitlines())
    return [line for line in lines if line and not line.lstrip().startswith(comment)]
