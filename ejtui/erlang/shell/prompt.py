"""Reads from a frame of the screen what an erl shell is waiting for. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from ejtui.erlang.terminal.terminal import Frame


@dataclass(frozen=True)
class Prompt:
    """A prompt `(node)number> ` and what stands after it on its line."""

    number: int
    typed: str
    ends: int
    """The column behind the prompt and its blank."""


class Obstacle(Enum):
    """What else an erl may be waiting for, in place of an expression."""

    BREAK = "the break menu (Ctrl-C)"
    JOBS = "the job control (Ctrl-G)"
    MORE = "an answer to more (y/n)?"
    CONTINUATION = "the rest of an unfinished expression"
    SEARCH = "a search in the history (Ctrl-R)"


_BREAK = re.compile(r"^\s+\(l\)oaded \(v\)ersion \(k\)ill")
_ERROR = re.compile(r"^\* \d+(:\d+)?: (.*)")
_DROPPED = re.compile(r"^\*\* exception ")
_MORE = re.compile(r"more \(y/n\)\? \(y\)\s*$")
_SEARCH = re.compile(r"\(search\)`|^\s*search: ?")
_REPORT = re.compile(r"^\s*(=[A-Z ]+ REPORT====|\*\* )")


def prompt_in(line: str, node: str) -> Prompt | None:
    """The last prompt of `node`'s shell in `line`; a report may stand before it or after it."""
    if f"({node})" not in line:
        return None
    match = re.match(rf".*\({re.escape(node)}\)(\d+)>( |$)", line)
    if match is None:
        return None
    ends = match.end() + (not match.group(2))
    return Prompt(int(match.group(1)), line[match.end() :], ends)


def fresh_prompt(frame: Frame, node: str) -> Prompt | None:
    """The prompt that the cursor waits right behind, with nothing typed."""
    prompt = prompt_in(frame.line, node)
    fresh = prompt is not None and not prompt.typed and frame.offset == prompt.ends
    return prompt if fresh else None


def hidden_prompt(frame: Frame, node: str) -> bool:
    """Whether the last prompt on the screen waits with nothing typed, hidden by reports.

    Up to OTP 25 a report prints where the cursor is, and the prompt is not drawn again.
    """
    for line in reversed(frame.above):
        if prompt := prompt_in(line, node):
            return not prompt.typed or _REPORT.match(prompt.typed) is not None
    return False


def unfinished(frame: Frame, node: str) -> bool:
    """Whether the prompt at the cursor may continue an expression from lines above.

    Up to OTP 25 both look the same; then the same number stands above with text after it,
    and no error in between shows that the shell has dropped it.
    """
    here = prompt_in(frame.line, node)
    if here is None:
        return False
    for line in reversed(frame.above):
        if _ERROR.match(line) or _DROPPED.match(line):
            return False
        above = prompt_in(line, node)
        if above is None:
            continue
        if above.number != here.number:
            return False
        if above.typed and not _REPORT.match(above.typed):
            return True
    return False


def obstacle_of(frame: Frame) -> Obstacle | None:
    """What keeps an expression from being typed, if it is one of the things known."""
    line = frame.line
    above = frame.above
    if above and _BREAK.match(above[-1]):
        return Obstacle.BREAK
    if line.startswith(" -->"):
        return Obstacle.JOBS
    if _MORE.search(line):
        return Obstacle.MORE
    if _SEARCH.search(line):
        return Obstacle.SEARCH
    if re.match(r"\s*\.\.( |$)", line):
        return Obstacle.CONTINUATION
    return None


def syntax_error(lines: Sequence[str]) -> str | None:
    """The shell's complaint about the expression, when there is one in `lines`."""
    for line in reversed(lines):
        if match := _ERROR.match(line):
            return match.group(2)
    return None


def same_text(one: str, other: str) -> bool:
    """Whether two texts are the same but for the blanks that wrapping puts between."""
    return "".join(one.split()) == "".join(other.split())


def answer_in(lines: Sequence[str], node: str, number: int, typed: str) -> str:
    """What stands in `lines` after the last prompt `number` and the expression typed there."""
    start = 0
    for index, line in enumerate(lines):
        prompt = prompt_in(line, node)
        if prompt is not None and prompt.number == number:
            start = _echo_ends(lines, index, prompt.typed, typed)
    return "\n".join(lines[start:]).strip("\n")


def _echo_ends(lines: Sequence[str], index: int, shown: str, typed: str) -> int:
    """The first line after the echo of `typed`, which may take several lines."""
    end = index + 1
    while not same_text(shown, typed) and len(shown) < len(typed) and end < len(lines):
        shown += lines[end]
        end += 1
    return end if same_text(shown, typed) else index + 1
