"""Passwords and passphrases, asked for at the terminal that the command was started from."""

from __future__ import annotations

import os
import termios
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from ejtui.cleaning import clean
from ejtui.cli.terminal_line import read_typed
from ejtui.hosts import AskSecret, SecretQuestion

_TERMINAL = "/dev/tty"
_ECHO = 3
"""Where termios keeps the local modes."""


def secrets_asker(
    paused: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> AskSecret | None:
    """What the hosts ask for secrets with; None where there is no terminal to ask on.

    While it asks, `paused` keeps everything else off the terminal. Standard input and output may
    go anywhere: it is the terminal itself that is asked.
    """
    try:
        os.close(os.open(_TERMINAL, os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return None

    async def ask(question: SecretQuestion) -> str | None:
        with paused():
            answer = await read_secret(prompt_of(question))
            return "" if answer is None and question.same_as else answer

    return ask


def prompt_of(question: SecretQuestion) -> str:
    """The line that shows who asks, where, and the attempt."""
    again = f", attempt {question.attempt} of {question.of}" if question.attempt > 1 else ""
    said = f"{question.host} ({question.where}), {question.who}{again}: {question.prompt}"
    same = f" (Enter: {question.same_as}'s, too)" if question.same_as else ""
    return clean(said + same) + " "


async def read_secret(prompt: str) -> str | None:
    """One line typed at the terminal without an echo; None when nothing was typed.

    Cancelling it leaves the terminal as it was.
    """
    number = os.open(_TERMINAL, os.O_RDWR | os.O_NOCTTY)
    try:
        before = termios.tcgetattr(number)
        silent = termios.tcgetattr(number)
        silent[_ECHO] = silent[_ECHO] & ~termios.ECHO | termios.ICANON | termios.ISIG
        termios.tcsetattr(number, termios.TCSAFLUSH, silent)
        try:
            os.write(number, prompt.encode(errors="backslashreplace"))
            typed = await read_typed(number, echo=False)
            return typed.decode("utf-8", "surrogateescape").rstrip("\r\n") or None
        finally:
            termios.tcsetattr(number, termios.TCSAFLUSH, before)
            os.write(number, b"\n")
    finally:
        os.close(number)
