"""`ejtui` alone: the app."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ejtui import paths
from ejtui.cli.arguments import UsageError
from ejtui.cli.configuration import addressed, read_configuration
from ejtui.cli.interrupt import Interrupted
from ejtui.cli.result import CommandResult
from ejtui.cli.terminal_kind import why_not
from ejtui.config import Config, ConfigMissing

if TYPE_CHECKING:
    from ejtui.ui.state.addressing import Worded

_TEXTUALS = (signal.SIGTSTP, signal.SIGCONT)
_AT_ONCE = 3
"""So many SIGTERMs end the process at once."""


def run(args: Namespace, answer: CommandResult) -> int:
    """Show the app until the operator leaves it."""
    try:
        config = read_configuration(args)
    except ConfigMissing:
        # Names of nodes mean nothing yet: there is no file that has them.
        if args.first or args.second or not on_terminal():
            raise
        return set_up(args, {}, answer)
    require_terminal()
    answer.standing = "`ejtui` again shows where the nodes stand, and goes on from there."
    return show(
        config, mouse=args.mouse, bell=args.bell, theme=args.theme, worded=_worded_for(args)
    )


def set_up(args: Namespace, common: Mapping[str, str], answer: CommandResult) -> int:
    """Show the set-up, and after its yes the app; `common` is for both hosts."""
    require_terminal()
    from ejtui.ui import set_up as show_set_up

    answer.standing = "`ejtui` again goes on from where the nodes stand."
    path = Path(args.config or paths.config_file()).expanduser()
    return _to_its_end(
        lambda: show_set_up(
            path,
            common,
            mouse=args.mouse,
            bell=args.bell,
            theme=args.theme,
            worded=_worded_for(args),
        )
    )


def on_terminal() -> bool:
    """Whether there is a terminal to show the app on."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def require_terminal() -> None:
    """Raise UsageError where there is no terminal that can show the app."""
    if not on_terminal():
        raise UsageError(
            "the app needs a terminal, and this is not one\n"
            "  ejtui status, plan and join work without one"
        )
    if why := why_not(os.environ):
        raise UsageError(
            f"this terminal cannot show the app ({why})\n"
            "  `ejtui status`, `plan`, `check` and `join` work here, and so does `ejtui setup`\n"
            "  with --first HOST --second HOST; or set TERM=xterm-256color"
        )


def _worded_for(args: Namespace) -> Worded:
    """Has the commands in lines of text as they reach the pair of this command line."""
    return lambda lines: addressed(lines, args)


def show(
    config: Config, *, mouse: bool = True, bell: bool = True, theme: str = "auto",
    worded: Worded = tuple,
) -> int:  # fmt: skip
    """The app, to its end; raises Interrupted when a signal was it, the terminal as before."""
    from ejtui.ui import run

    return _to_its_end(lambda: run(config, mouse=mouse, bell=bell, theme=theme, worded=worded))


def _to_its_end(shown: Callable[[], int]) -> int:
    # What is imported now stays: looking for garbage in it would delay the first paint.
    gc.disable()
    code = 0
    with _ended_by_signals() as received:
        code = shown()
    if received:
        raise Interrupted(received[0].name)
    return code


@contextmanager
def _ended_by_signals() -> Iterator[list[signal.Signals]]:
    """SIGTERM and SIGHUP end what runs here as ^C does, in order; yields what was received.

    A terminal that is closed may send SIGHUP twice: what follows the first signal changes nothing,
    so that the app can close everything. Only the third SIGTERM ends the process at once.
    """
    received: list[signal.Signals] = []

    def leave(number: int, _frame: object) -> None:
        received.append(signal.Signals(number))
        if len(received) == 1:
            # asyncio answers SIGINT by cancelling the app's task, which then closes everything; a
            # second one would interrupt that.
            signal.raise_signal(signal.SIGINT)
        elif received.count(signal.SIGTERM) == _AT_ONCE:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    ending = (signal.SIGTERM, signal.SIGHUP)
    # Textual leaves its own handlers of these two behind, which would wake an app that has ended.
    before = {number: signal.getsignal(number) for number in (*ending, signal.SIGINT, *_TEXTUALS)}
    for number in ending:
        signal.signal(number, leave)
    # What a shell starts in the background inherits an ignored SIGINT, which asyncio would keep.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield received
    except KeyboardInterrupt:
        received.append(signal.SIGINT)
    finally:
        if received:
            # As Python ends it gives signals back to the system, which would then end it as killed.
            for number in ending:
                atexit.register(signal.signal, number, signal.SIG_IGN)
        for number, handler in before.items():
            # Once one was received, the rest of the ending is not to be interrupted either.
            if not (received and number in ending):
                signal.signal(number, handler)
