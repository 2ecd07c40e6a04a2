"""`ejtui lab …`: two real nodes on this machine; alone: up, the app, down."""

from __future__ import annotations

import signal
from argparse import Namespace
from types import FrameType

from ejtui import config
from ejtui.cli.answer import Answer
from ejtui.cli.app import require_terminal
from ejtui.lab import command, lab

_ENDING = (signal.SIGTERM, signal.SIGHUP)


def run(args: Namespace, answer: Answer) -> int:
    """Do the lab's command; answers its exit code."""
    if args.lab_command is not None:
        return command.run(args)
    require_terminal()
    answer.standing = "The lab is down again."
    for number in _ENDING:
        signal.signal(number, _as_interrupt)
    try:
        return command.run(args, app=_app)
    except BaseException:
        # Whatever ended it, also half-way up: nothing of the lab stays.
        lab.down()
        raise


def _app(up: lab.Lab) -> int:
    from ejtui.ui import run as show

    return show(config.load(up.config_path))


def _as_interrupt(number: int, frame: FrameType | None) -> None:
    """Ends as ^C does, so that everything is taken down in order; once, not while it is."""
    del number, frame
    for each in _ENDING:
        signal.signal(each, signal.SIG_IGN)
    signal.raise_signal(signal.SIGINT)
