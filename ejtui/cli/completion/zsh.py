"""The completion for zsh."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ejtui.cli.completion.commands import CommandLine, Option, Value
from ejtui.cli.completion.parts import part

_HEAD = part("head.zsh")
_TAIL = part("tail.zsh")


def script(program: CommandLine) -> str:
    """The script that zsh reads: as `_ejtui` in its fpath, or sourced."""
    return _HEAD + "\n".join(_functions(program, "_ejtui")) + "\n" + _TAIL


def _functions(command: CommandLine, name: str) -> Iterator[str]:
    for each in command.commands:
        yield from _functions(each, f"{name}_{_word(each.name)}")
    specs = [_option(each) for each in command.options]
    if command.commands:
        specs += ["'1: :->command'", "'*:: :->arguments'"]
    specs += [
        f"'{':' if not each.value.optional else '::'}"
        f"{_text(each.value.name)}:{_action(each.value)}'"
        for each in command.operands
    ]
    lines = [f"{name}() {{", "    local curcontext=$curcontext state line",
             "    typeset -A opt_args", "    _arguments -C -S \\"]  # fmt: skip
    lines += [f"        {spec} \\" for spec in specs]
    lines[-1] = lines[-1].removesuffix(" \\")
    if command.commands:
        lines += _dispatch(command, name)
    yield "\n".join([*lines, "}", ""])


def _dispatch(command: CommandLine, name: str) -> Iterator[str]:
    yield "    case $state in"
    yield "        command)"
    yield "            local -a commands_of_it"
    yield "            commands_of_it=("
    for each in command.commands:
        yield f"                '{each.name}:{_text(each.about)}'"
    yield "            )"
    yield "            _describe -t commands command commands_of_it ;;"
    yield "        arguments)"
    yield "            case $words[1] in"
    for each in command.commands:
        yield f"                {each.name}) {name}_{_word(each.name)} ;;"
    yield "            esac ;;"
    yield "    esac"


def _option(option: Option) -> str:
    names = option.names
    about = f"[{_text(option.about)}]"
    value = f":{_text(option.value.name)}:{_action(option.value)}" if option.value else ""
    if len(names) == 1:
        return f"'{names[0]}{about}{value}'"
    return f"'({' '.join(names)})'{{{','.join(names)}}}'{about}{value}'"


def _action(value: Value) -> str:
    if value.kind == "choices":
        return f"({' '.join(value.choices)})"
    if value.kind == "file":
        return "_files"
    if value.kind == "words":
        return f"_ejtui_words {value.words}"
    return " "


def _word(name: str) -> str:
    return name.replace("-", "_")


def _text(text: str) -> str:
    """The text within single quotes, where brackets and colons are signs."""
    return re.sub(r"([\[\]:\\])", r"\\\1", text).replace("'", "'\\''").replace("\n", " ")
