"""`ejtui lab …` on the command line."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable

from ejtui.lab import lab
from ejtui.lab.errors import LabError, NoSuchFault

USAGE = 2
"""The exit code of a command line that is wrong."""

_DOWN = "the lab is down: both nodes, and all that was theirs, are removed"


def run(args: argparse.Namespace, app: Callable[[lab.Lab], int] | None = None) -> int:
    """Do what `add_arguments` read; `app` is what the lab alone runs between up and down."""
    try:
        return _run(args, app)
    except LabError as error:
        print(f"ejtui lab: {error}", file=sys.stderr)
        return USAGE if isinstance(error, NoSuchFault) else 1


def _run(args: argparse.Namespace, app: Callable[[lab.Lab], int] | None) -> int:
    match args.lab_command:
        case "up":
            lab.up(args.yes, _say)
            print("\n".join(lab.status()))
        case "reset":
            lab.reset(_say)
        case "down":
            lab.down()
            _say(_DOWN)
        case "status":
            print("\n".join([*lab.status(), *_line()]))
        case "fault":
            return _fault(args.code)
        case "slow":
            _slow(args)
        case "sh":
            return lab.sh(args.host, args.argv)
        case _:
            return _rehearse(args.yes, app)
    return 0


def _fault(code: str | None) -> int:
    from ejtui.lab import faults

    if code is not None:
        faults.make(code, say=_say)
        return 0
    rows = faults.listing(lab.current())
    print("\n".join(f"{row.code:<20}{row.title}" for row in rows if row.why_not is None))
    if without := [row for row in rows if row.why_not is not None]:
        print("\nCannot be made here:")
        print("\n".join(f"{row.code:<20}{row.why_not}" for row in without))
    return 0


def _line() -> list[str]:
    """How slow the links are, where they are."""
    from ejtui.lab.slow import slowness

    found = lab.current()
    slow = slowness(found.form) if found else None
    return [f"  its links are slow: {slow}"] if slow else []


def _slow(args: argparse.Namespace) -> None:
    from ejtui.lab import slow

    found = lab.current()
    if found is None:
        raise LabError("the lab is down: bring it up with `ejtui lab up`")
    if args.off:
        slow.fast_links(found)
        return
    wanted = slow.Slowness(
        slow.DELAY_MS if args.delay is None else args.delay,
        slow.LOSS_PERCENT if args.loss is None else args.loss,
    )
    slow.slow_links(found, wanted)
    _say(str(wanted))


def _rehearse(yes: bool, app: Callable[[lab.Lab], int] | None) -> int:
    # A terminal that is closed takes the lab down too.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        found = lab.up(yes, _say)
        code = app(found) if app else 0
    finally:
        lab.down()
    _say(_DOWN)
    return code


def _leave(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _say(line: str) -> None:
    print(line, file=sys.stderr)
