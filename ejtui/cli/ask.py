"""Questions to a person at the terminal the command runs on."""

from __future__ import annotations

import asyncio
import os
import sys
import textwrap
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from ejtui.cleaning import clean
from ejtui.cluster.question import Asks, Question

TAKEN_SHOWN = 20


class NoTerminal(Exception):
    """A destructive act wanted a yes and there is nobody to ask."""

    def __init__(self, question: Question) -> None:
        shown = "\n".join(question_lines(question))
        super().__init__(
            f"this needs a yes, and there is no terminal to ask on:\n{shown}\n"
            "  to do it without being asked: --yes, after reading this and `ejtui plan`"
        )


def question_lines(question: Question) -> list[str]:
    """What is asked, what it takes and what follows, as clean lines of 80 columns at most."""
    rest = len(question.takes) - TAKEN_SHOWN
    more = [f"and {rest} more"] if rest > 0 else []
    lines = [clean(question.title)]
    for taken in [*question.takes[:TAKEN_SHOWN], *more]:
        lines += _wrapped(taken, "  - ", "    ")
    return [*lines, *_wrapped(question.consequence)]


def _wrapped(text: str, begin: str = "", further: str = "") -> list[str]:
    return textwrap.wrap(
        clean(text), 80, initial_indent=begin, subsequent_indent=further, break_on_hyphens=False
    )


def asker(*, yes: bool, paused: Callable[[], AbstractContextManager[None]] = nullcontext) -> Asks:
    """What the cluster asks: answers yes by itself with `yes`, else asks the person.

    While it asks, `paused` keeps everything else off the terminal. Raises NoTerminal from the
    question when there is nobody to ask.
    """

    async def agreed(question: Question) -> bool:
        if yes or not question.destructive:
            return True
        if not on_terminal():
            raise NoTerminal(question)
        with paused():
            return await read_question(question)

    return agreed


async def read_question(question: Question) -> bool:
    """Put the question to the person at the terminal, who must type a yes."""
    # On standard error, so that it is seen also where standard output goes into a file.
    print("\n".join(question_lines(question)), file=sys.stderr)
    answer = await _read_line(f"{clean(question.yes_label)}? Type yes to go on: ")
    return answer.strip().lower() in ("yes", "y")


def on_terminal() -> bool:
    """Whether somebody sees a question and can answer it."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


async def _read_line(prompt: str) -> str:
    """One line typed at the terminal; empty at its end. Cancelling it leaves the terminal alone."""
    print(prompt, end="", file=sys.stderr, flush=True)
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[bytes] = loop.create_future()
    number = sys.stdin.fileno()

    def on_input() -> None:
        if not typed.done():
            typed.set_result(os.read(number, 4096))

    loop.add_reader(number, on_input)
    try:
        return (await typed).decode(errors="replace")
    finally:
        loop.remove_reader(number)
