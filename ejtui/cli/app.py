"""`ejtui` alone: the app."""

from __future__ import annotations

import sys
from argparse import Namespace

from ejtui.cli.answer import Answer
from ejtui.cli.arguments import UsageError
from ejtui.cli.configured import configured


def run(args: Namespace, answer: Answer) -> int:
    """Show the app until the operator leaves it."""
    del answer
    config = configured(args)
    require_terminal()
    from ejtui.ui import run as show

    return show(config)


def require_terminal() -> None:
    """Raise UsageError where there is no terminal to show the app on."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "the app needs a terminal, and this is none\n"
            "  ejtui status, plan and join work without one"
        )
