"""The command line as data: what completion and the man page are made of."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from ejtui.cli.arguments import COMMANDS, command_line


@dataclass(frozen=True)
class Value:
    """What an option or an operand takes: its name, and how it is completed.

    `kind` is "choices" (of these), "file", "words" (of the list that `ejtui completion --words
    NAME` prints, `words` is that name), or "" where nothing is known of it.
    """

    name: str
    kind: str = ""
    choices: tuple[str, ...] = ()
    words: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Option:
    """One option by all its names; `value` is None for a switch."""

    names: tuple[str, ...]
    about: str
    value: Value | None = None


@dataclass(frozen=True)
class Operand:
    """One operand, at its place."""

    value: Value
    about: str


@dataclass(frozen=True)
class CommandLine:
    """A command (or the program itself) with its options, operands and subcommands."""

    name: str
    about: str
    description: str
    epilog: str
    options: tuple[Option, ...]
    operands: tuple[Operand, ...]
    commands: tuple[CommandLine, ...]


_WORDS = {"CODE": "codes", "TOPIC": "topics", "STEP": "steps", "RUN": "runs"}
"""The operands whose words the program knows, by their names in `--help`."""


def whole() -> CommandLine:
    """The whole command line."""
    return _command("ejtui", "", command_line([each.name for each in COMMANDS]))


def _command(name: str, about: str, parser: argparse.ArgumentParser) -> CommandLine:
    options: list[Option] = []
    operands: list[Operand] = []
    commands: list[CommandLine] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            abouts = {each.dest: each.help or "" for each in action._choices_actions}
            commands += [
                _command(each, abouts.get(each, ""), sub) for each, sub in action.choices.items()
            ]
        elif action.help != argparse.SUPPRESS:
            if action.option_strings:
                options.append(_option(action))
            else:
                operands.append(Operand(_value(action), action.help or ""))
    return CommandLine(
        name,
        about,
        parser.description or "",
        parser.epilog or "",
        tuple(options),
        tuple(operands),
        tuple(commands),
    )


def _option(action: argparse.Action) -> Option:
    value = None if action.nargs == 0 else _value(action)
    return Option(tuple(action.option_strings), action.help or "", value)


def _value(action: argparse.Action) -> Value:
    metavar = action.metavar if isinstance(action.metavar, str) else ""
    name = metavar or (action.dest or "").upper()
    optional = action.nargs in ("?", "*", argparse.REMAINDER)
    if action.choices is not None:
        choices = tuple(map(str, action.choices))
        return Value(metavar or "|".join(choices), "choices", choices, optional=optional)
    if name == "FILE":
        return Value(name, "file", optional=optional)
    if name in _WORDS:
        return Value(name, "words", words=_WORDS[name], optional=optional)
    return Value(name, optional=optional)
