"""The man page ejtui(1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ejtui import __version__
from ejtui.cli.completion.commands import CommandLine, Operand, Option

_FILES = (
    ("$XDG_CONFIG_HOME/ejtui/config.toml", "the configuration (~/.config where that is not set)"),
    ("$XDG_STATE_HOME/ejtui", "the journal, recordings, and copies of the backups' manifests "
                              "(~/.local/state where that is not set)"),
    ("ejtui-backups", "the backups, on each host, in the home of ejabberd's user"),
)  # fmt: skip
_SEE = "ejabberdctl(8), epmd(1), ssh_config(5)"


def page(program: CommandLine) -> str:
    """The page in roff."""
    lines = [
        f'.TH EJTUI 1 "" "ejtui {__version__}" "User Commands"',
        ".SH NAME",
        "ejtui \\- join two ejabberd servers into one cluster, repair and roll back",
        ".SH SYNOPSIS",
        ".B ejtui",
        "[\\fIOPTIONS\\fR] [\\fICOMMAND\\fR] ...",
        ".SH DESCRIPTION",
        _text(program.description),
        "The help pages have the rest:",
        ".B ejtui help",
        "lists them.",
        ".SH OPTIONS",
        *_options(program.options),
        ".SH COMMANDS",
    ]
    for command in program.commands:
        lines += _command(command)
    lines += [".SH EXIT STATUS", *_exit_codes(program.epilog), ".SH FILES"]
    for name, what in _FILES:
        lines += [".TP", f".I {_text(name)}", _text(what)]
    return "\n".join([*lines, ".SH SEE ALSO", _text(_SEE), ""])


def _command(command: CommandLine, path: str = "ejtui") -> Iterator[str]:
    whole = f"{path} {command.name}"
    yield f".SS {_text(whole)}{''.join(map(_operand, command.operands))}"
    yield _text(command.description or _sentence(command.about))
    if command.epilog:
        yield ".PP"
        yield _text(command.epilog)
    common = ("--config", "--first", "--second", "--help", "--json")
    own = [each for each in command.options if not set(each.names) & set(common) or path != "ejtui"]
    if command.name == "setup":
        own = [each for each in command.options if "--help" not in each.names]
    yield from _options([each for each in own if "--help" not in each.names])
    if any("--json" in each.names for each in command.options):
        yield ".PP"
        yield "With \\fB\\-\\-json\\fR: one JSON object, and nothing else."
    for each in command.commands:
        yield from _command(each, whole)


def _operand(operand: Operand) -> str:
    name = f"\\fI{_text(operand.value.name)}\\fR"
    return f" [{name}]" if operand.value.optional else f" {name}"


def _options(options: tuple[Option, ...] | list[Option]) -> Iterator[str]:
    for option in options:
        value = f" \\fI{_text(option.value.name)}\\fR" if option.value else ""
        names = ", ".join(f"\\fB{_text(name)}\\fR{value}" for name in option.names)
        yield ".TP"
        yield names
        yield _text(option.about)


def _exit_codes(epilog: str) -> Iterator[str]:
    """From the sentence of `--help`: "0 done or healthy, 1 something …"."""
    text = " ".join(epilog.split()).partition(":")[2]
    for number, meaning in re.findall(r"(\d+) ([^,]+)", text):
        yield ".TP"
        yield f".B {number}"
        yield _text(meaning)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _text(text: str) -> str:
    """The text as it is read, whatever it has of roff's signs, in one line."""
    made = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{made}" if made[:1] in (".", "'") else made
