"""The completion for bash."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.cli.completion.commands import CommandLine, Value
from ejtui.cli.completion.parts import part

_HEAD = part("head.bash")
_MIDDLE = part("middle.bash")
_TAIL = part("tail.bash")


def script(program: CommandLine) -> str:
    """The script that bash reads."""
    takes = sorted({name for each in _all(program) for name in _taking(each)})
    made = [_HEAD.replace("    COMPREPLY=()\n", _with_commands(program), 1)]
    if takes:
        made.append(f"            {'|'.join(takes)}) i=$((i + 1)) ;;\n")
    made.append(_MIDDLE)
    for path, command in _paths(program):
        made += _case(path, command)
    return "".join([*made, _TAIL])


def _with_commands(program: CommandLine) -> str:
    names = " ".join(each.name for each in program.commands if each.commands)
    return f"    local with_commands='{names}'\n    COMPREPLY=()\n"


def _all(program: CommandLine) -> Iterator[CommandLine]:
    yield program
    for each in program.commands:
        yield from _all(each)


def _paths(command: CommandLine, path: str = "") -> Iterator[tuple[str, CommandLine]]:
    yield path, command
    for each in command.commands:
        yield from _paths(each, f"{path} {each.name}".strip())


def _taking(command: CommandLine) -> list[str]:
    return [name for each in command.options if each.value for name in each.names]


def _case(path: str, command: CommandLine) -> Iterator[str]:
    yield f"        '{path}')\n            case $prev in\n"
    for option in command.options:
        if option.value is not None:
            yield f"                {'|'.join(option.names)}) {_act(option.value)}; return ;;\n"
    yield "            esac\n"
    options = " ".join(name for each in command.options for name in each.names)
    yield "            if [[ $cur == -* ]]; then\n"
    yield f"                _ejtui_of '{options}'\n"
    yield "                return\n"
    yield "            fi\n"
    if command.commands:
        yield f"            _ejtui_of '{' '.join(each.name for each in command.commands)}'\n"
    elif command.operands:
        yield "            case $operands in\n"
        for number, operand in enumerate(command.operands):
            yield f"                {number}) {_act(operand.value)} ;;\n"
        yield "            esac\n"
    yield "            ;;\n"


def _act(value: Value) -> str:
    if value.kind == "choices":
        return f"_ejtui_of '{' '.join(value.choices)}'"
    if value.kind == "file":
        return "_ejtui_file"
    if value.kind == "words":
        return f'_ejtui_of "$(_ejtui_words {value.words})"'
    return ":"
