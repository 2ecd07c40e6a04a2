"""Whether the shell of a node's ejabberdctl can read that and its settings whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ejtui import scripts
from ejtui.cleaning import clean
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.examination import BrokenFile
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

MOST_BYTES = 256 * 1024
"""A larger file is not looked at."""

_PROGRAM = scripts.shell(__file__, "settings_syntax.sh")

_FIELDS = 3

_MESSAGE = re.compile(r".{0,200}?(?:line |\[|: )(\d{1,9})\]?: (.+)", re.DOTALL)

_QUOTED = re.compile(r"[`'](.+)'", re.DOTALL)
"""What bash and ksh quote of the file itself; others name kinds of words, between \"."""

_OF_THE_SHELL = re.compile(
    r"[^A-Za-z0-9]{1,3}|if|then|else|elif|fi|do|done|case|esac|while|until|for|in|function|select"
    r"|newline|EOF"
)
"""A word of the language, which is nobody's secret."""


async def broken_files(node: Node) -> tuple[BrokenFile, ...]:
    """Those of the files with a syntax error; none where that cannot be asked. Runs nothing."""
    try:
        said = await questions.broken_settings(node.probe, _PROGRAM, MOST_BYTES)
    except (ProbeError, HostError):
        return ()
    return read(said, node.platform.ejabberdctl)


async def refuse_broken(node: Node) -> None:
    """Raises StepFailed where an ejabberd that is stopped now would not start as it was."""
    for file in await broken_files(node):
        line = f", line {file.line}" if file.line else ""
        raise StepFailed(
            clean(
                f"{file.path} on {node.name} has a syntax error{line}: {file.why}. ejabberd would "
                "not start again with its settings: correct that file first, then run this again"
            )
        )


def read(said: tuple[str, ...], ejabberdctl: str) -> tuple[BrokenFile, ...]:
    """From what the program prints: a path, a shell and a message, again and again. Pure."""
    whole = range(0, len(said) - _FIELDS + 1, _FIELDS)
    rows = [said[at : at + _FIELDS] for at in whole]
    return tuple(
        BrokenFile(path, shell, *_message(message), is_program=path == ejabberdctl)
        for path, shell, message in rows
    )


def _message(text: str) -> tuple[int, str]:
    """The line where a shell noticed it, 0 where it names none, and why, without the file's words.

    A word of the file may be a password.
    """
    found = _MESSAGE.fullmatch(text)
    line, why = (int(found[1]), found[2]) if found else (0, text)
    return line, _QUOTED.sub(_without_words, why)


def _without_words(quoted: re.Match[str]) -> str:
    return quoted[0] if _OF_THE_SHELL.fullmatch(quoted[1]) else "a word"
