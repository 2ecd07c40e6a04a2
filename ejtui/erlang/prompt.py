"""Reads from a frame of the screen what an erl shell is waiting for. Pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from .terminal import Frame


@dataclass(frozen=True)
class Prompt:
    """The prompt `(node)number> ` on the cursor's line, and what stands typed after it."""

    number: int
    typed: str
    fresh: bool
    """Whether nothing is typed and the cursor waits right behind the prompt."""


class Obstacle(Enum):
    """What else an erl may be waiting for, in place of an expression."""

    BREAK = "the break menu (Ctrl-C)"
    JOBS = "the job control (Ctrl-G)"
    MORE = "an answer to more (y/n)?"
    CONTINUATION = "the rest of an unfinished expression"
    SEARCH = "a search in the history (Ctrl-R)"


_BREAK = re.compile(r"^BREAK: \(a\)bort")
_ERROR = re.compile(r"^\* \d+(:\d+)?: (.*)")
_MORE = re.compile(r"more \(y/n\)\? \(y\)\s*$")
_SEARCH = re.compile(r"\(search\)`|^\s*search: ")


def prompt_of(frame: Frame, node: str) -> Prompt | None:
    """The prompt of `node`'s shell that the cursor stands at, if it does."""
    match = re.match(rf"\({re.escape(node)}\)(\d+)>( |$)", frame.line)
    if match is None:
        return None
    typed = frame.line[match.end() :]
    prefix = len(match.group(0)) + (not match.group(2))
    return Prompt(int(match.group(1)), typed, not typed and frame.offset == prefix)


def obstacle_of(frame: Frame) -> Obstacle | None:
    """What keeps an expression from being typed, if it is one of the things known."""
    above = [line for line in frame.lines[: frame.cursor[1] + 1] if line]
    if any(_BREAK.match(line) for line in above[-3:]) and frame.line in ("", "c"):
        return Obstacle.BREAK
    if frame.line.strip() == "-->":
        return Obstacle.JOBS
    if _MORE.search(frame.line):
        return Obstacle.MORE
    if _SEARCH.search(frame.line):
        return Obstacle.SEARCH
    if re.fullmatch(r"\s*\.\.", frame.line):
        return Obstacle.CONTINUATION
    return None


def syntax_error(lines: list[str]) -> str | None:
    """The shell's complaint about the expression, when `lines` end in one."""
    for line in reversed(lines):
        if match := _ERROR.match(line):
            return match.group(2)
    return None


def same_text(one: str, other: str) -> bool:
    """Whether two texts are the same but for the blanks that wrapping puts between."""
    return "".join(one.split()) == "".join(other.split())
