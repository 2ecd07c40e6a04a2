"""`ejtui history`: what was done to the pair, run by run, from this computer's own journal."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from pathlib import Path

from ejtui import paths
from ejtui.cleaning import clean
from ejtui.cli import interrupt
from ejtui.cli.arguments import UsageError
from ejtui.cli.configuration import addressed, read_configuration
from ejtui.cli.render.history_text import listing, run_lines
from ejtui.cli.render.playing import play
from ejtui.cli.render.text import flowed
from ejtui.cli.result import CommandResult
from ejtui.cluster.history.history import LAST, History, NoSuchRun, UnknownRun, history
from ejtui.cluster.history.report import report, report_of_pair
from ejtui.cluster.history.to_json import run_to_json
from ejtui.erlang.terminal.recording import NotARecording, read_recording


def run(args: Namespace, answer: CommandResult) -> int:
    """List the runs; show, play or export one. No host is asked.

    Raises NoSuchRun, and UsageError for a name that is no run's.
    """
    found = history(read_configuration(args).pair)
    try:
        if args.action == "play":
            return interrupt.run(_play(found, args, answer))
        _ACTIONS[args.action or "list"](found, args, answer)
    except UnknownRun as error:
        raise UsageError(str(error)) from None
    return 0


def _list(found: History, args: Namespace, answer: CommandResult) -> None:
    for name, runs in (("runs", found.runs), ("former_hosts", found.former)):
        answer.data[name] = [run_to_json(each, found.recordings(each)) for each in runs]
    answer.data["notes"] = list(found.notes)
    if not answer.json:
        _print(addressed(listing(found), args))


def _show(found: History, args: Namespace, answer: CommandResult) -> None:
    chosen = found.find(args.run or LAST)
    recordings = found.recordings(chosen)
    answer.data["run"] = run_to_json(chosen, recordings, whole=True)
    if not answer.json:
        _print(run_lines(chosen, recordings))


def _export(found: History, args: Namespace, answer: CommandResult) -> None:
    kept = paths.manifests_dir()
    one = (found.find(args.run),) if args.run else ()
    text = report(one, found.notes, kept) if one else report_of_pair(found, kept)
    answer.data["report"] = text
    if not answer.json:
        print(text, end="")


async def _play(found: History, args: Namespace, answer: CommandResult) -> int:
    """Plays what can be played; 1 where a recording cannot. Raises StepFailed without one."""
    recordings = found.recordings(chosen := found.find(args.run or _recorded(found)))
    answer.data["recordings"] = list(recordings)
    if not recordings:
        raise NoSuchRun(f"{chosen.title}, {chosen.id}, has no recording: it opened no erl shell")
    if answer.json:
        return 0
    code = 0
    for path in recordings:
        try:
            await play(await asyncio.to_thread(read_recording, Path(path)), sys.stdout, args.speed)
        except NotARecording as error:
            print(clean(f"ejtui: {error}"), file=sys.stderr)
            code = 1
    return code


def _recorded(found: History) -> str:
    """The newest run that has a recording, or else the newest."""
    return next((run.id for run in found.runs if found.recordings(run)), LAST)


_ACTIONS = {"list": _list, "show": _show, "export": _export}


def _print(lines: list[str]) -> None:
    print(flowed(clean("\n".join(lines), lines=True), sys.stdout))
