"""`ejtui history`: what was done to the pair, run by run, from this computer's own journal."""

from __future__ import annotations

import sys
from argparse import Namespace

from ejtui.cleaning import clean
from ejtui.cli.configuration import read_configuration
from ejtui.cli.render.history_text import listing, run_lines
from ejtui.cli.render.text import flowed
from ejtui.cli.result import CommandResult
from ejtui.cluster.history.history import LAST, History, history
from ejtui.cluster.history.to_json import run_to_json


def run(args: Namespace, answer: CommandResult) -> int:
    """List the runs, or show one; no host is asked. Raises NoSuchRun."""
    found = history(read_configuration(args).pair)
    _ACTIONS[args.action or "list"](found, args, answer)
    return 0


def _list(found: History, args: Namespace, answer: CommandResult) -> None:
    del args
    answer.data["runs"] = [run_to_json(each) for each in found.runs]
    answer.data["notes"] = list(found.notes)
    if not answer.json:
        _print(listing(found))


def _show(found: History, args: Namespace, answer: CommandResult) -> None:
    chosen = found.find(args.run or LAST)
    answer.data["run"] = run_to_json(chosen, whole=True)
    if not answer.json:
        _print(run_lines(chosen))


_ACTIONS = {"list": _list, "show": _show}


def _print(lines: list[str]) -> None:
    print(flowed(clean("\n".join(lines), lines=True), sys.stdout))
