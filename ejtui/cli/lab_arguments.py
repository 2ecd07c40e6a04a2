"""The arguments of `ejtui lab …`. Nothing is loaded by this: the build makes a page of them."""

from __future__ import annotations

import argparse

HOSTS = ("first", "second")
"""The lab's, by their names."""


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
    sh.add_argument(
        "argv",
        nargs=argparse.REMAINDER,
        metavar="CMD",
        help="the command and its words, or a quoted line for a shell; without it a shell",
    )
