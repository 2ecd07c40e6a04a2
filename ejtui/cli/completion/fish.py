"""The completion for fish."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.cli.completion.commands import CommandLine, Option, Value
from ejtui.cli.completion.parts import part

_HEAD = part("head.fish")


def script(program: CommandLine) -> str:
    """The script that fish reads."""
    names = " ".join(each.name for each in program.commands)
    none_yet = f"not __fish_seen_subcommand_from {names}"
    lines = [_line(none_yet, option) for option in program.options]
    for each in program.commands:
        lines.append(f"complete -c ejtui -n {_quoted(none_yet)} -a {each.name}"
                     f" -d {_quoted(each.about)}")  # fmt: skip
        lines += _of(each)
    return _HEAD + "\n".join(lines) + "\n"


def _of(command: CommandLine) -> Iterator[str]:
    seen = f"__fish_seen_subcommand_from {command.name}"
    for option in command.options:
        yield _line(seen, option)
    names = " ".join(each.name for each in command.commands)
    for each in command.commands:
        condition = f"{seen}; and not __fish_seen_subcommand_from {names}"
        about = _quoted(each.about)
        yield f"complete -c ejtui -n {_quoted(condition)} -a {each.name} -d {about}"
        yield from _of_two(each, f"{seen}; and __fish_seen_subcommand_from {each.name}")
    yield from _operands(command, seen)


def _of_two(command: CommandLine, condition: str) -> Iterator[str]:
    """A command's own command, as `ejtui lab slow`."""
    for option in command.options:
        yield _line(condition, option)
    yield from _operands(command, condition)


def _operands(command: CommandLine, condition: str) -> Iterator[str]:
    for operand in command.operands:
        words = _words(operand.value)
        if words:
            about = _quoted(operand.value.name)
            yield f"complete -c ejtui -n {_quoted(condition)} -a {_quoted(words)} -d {about}"


def _line(condition: str, option: Option) -> str:
    parts = ["complete -c ejtui", f"-n {_quoted(condition)}"]
    for name in option.names:
        parts.append(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}")
    if option.value is not None:
        parts.append("-r" if option.value.kind == "file" else "-x")
        if option.value.kind == "file":
            parts.append("-F")
        elif words := _words(option.value):
            parts.append(f"-a {_quoted(words)}")
    return " ".join([*parts, f"-d {_quoted(option.about)}"])


def _words(value: Value) -> str:
    if value.kind == "choices":
        return " ".join(value.choices)
    return f"(__ejtui_words {value.words})" if value.kind == "words" else ""


def _quoted(text: str) -> str:
    inner = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", " ")
    return f"'{inner}'"
