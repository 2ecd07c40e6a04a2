"""`ejtui lab …`: two real nodes on this computer; alone: up, the app, down."""

from __future__ import annotations

import signal
from argparse import Namespace

from ejtui import config
from ejtui.cli.commands.app import require_terminal, show
from ejtui.cli.interrupt import SIGNALS, Interrupted
from ejtui.cli.result import CommandResult
from ejtui.lab import command, lab


def run(args: Namespace, answer: CommandResult) -> int:
    """Do the lab's command; answers its exit code."""
    if args.lab_command is not None:
        answer.standing = "`ejtui lab reset` or `ejtui lab down` puts the lab in order."
        return command.run(args)
    require_terminal()
    answer.standing = "The lab is down again."
    try:
        return command.run(args, app=lambda up: show(config.load(up.config_path), mouse=args.mouse))
    except BaseException as error:
        # Whatever ended it, also half-way up: nothing of the lab stays, and no haste stops that.
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        lab.down()
        if isinstance(error, SystemExit):
            raise Interrupted from None
        raise
