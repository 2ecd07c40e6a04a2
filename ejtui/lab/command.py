"""`ejtui lab …` on the command line."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable

from ejtui.lab import lab
from ejtui.lab.errors import LabError
from ejtui.lab.place import HOSTS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The lab's own commands and options; none of them means: up, the app, down."""
    parser.add_argument("--yes", action="store_true", help="install missing packages unasked")
    commands = parser.add_subparsers(dest="lab_command", metavar="COMMAND")
    up = commands.add_parser("up", help="bring up two hosts with an ejabberd each")
    up.add_argument("--yes", action="store_true", default=argparse.SUPPRESS, help="install unasked")
    commands.add_parser("down", help="take the lab down and remove all of it")
    commands.add_parser("reset", help="back to two nodes that are not joined")
    commands.add_parser("status", help="what there is and how to reach it")
    fault = commands.add_parser("fault", help="break the nodes by a code of the catalogue")
    fault.add_argument("code", nargs="?", metavar="CODE", help="left out: list them")
    slow = commands.add_parser(
        "slow", help="make the hosts' links slow and lossy; --off: as before"
    )
    slow.add_argument("--delay", type=float, metavar="MS", help="what leaves a host is held (300)")
    slow.add_argument("--loss", type=float, metavar="PERCENT", help="of the packets each way (2)")
    slow.add_argument(
        "--off", action="store_true", help="the fast links again; `reset` does it too"
    )
    sh = commands.add_parser("sh", help="run a command inside a host, as root")
    sh.add_argument("host", choices=HOSTS)
    sh.add_argument("argv", nargs=argparse.REMAINDER, metavar="CMD")


def run(args: argparse.Namespace, app: Callable[[lab.Lab], int] | None = None) -> int:
    """Do what `add_arguments` read; `app` is what the lab alone runs between up and down."""
    try:
        return _run(args, app)
    except LabError as error:
        print(f"ejtui lab: {error}", file=sys.stderr)
        return 1


def _run(args: argparse.Namespace, app: Callable[[lab.Lab], int] | None) -> int:
    match args.lab_command:
        case "up":
            lab.up(args.yes, _say)
            print("\n".join(lab.status()))
        case "reset":
            lab.reset(_say)
        case "down":
            lab.down()
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
    for row in faults.listing(lab.current()):
        what = row.title if row.why_not is None else f"cannot be made here: {row.why_not}"
        print(f"{row.code:<20}{what}")
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
        return app(found) if app else 0
    finally:
        lab.down()


def _leave(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _say(line: str) -> None:
    print(line, file=sys.stderr)
