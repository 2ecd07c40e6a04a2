"""`ejtui backups`: every backup on both hosts, and the removal of those that were used."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence

from ejtui.cleaning import clean
from ejtui.cli import interrupt
from ejtui.cli.configuration import read_configuration
from ejtui.cli.confirm import asker
from ejtui.cli.open_pair import open_pair
from ejtui.cli.render.progress import ProgressLine, Quiet
from ejtui.cli.render.text import flowed, wrapped
from ejtui.cli.result import CommandResult
from ejtui.cluster.backups.inventory import Backup, inventory
from ejtui.cluster.backups.prune import Pruned, prune, sized
from ejtui.cluster.history.clock import local_minute, zone
from ejtui.cluster.operations import accounts
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.question import AskOperator, Question
from ejtui.config import Config

_INDENT = "    "


def run(args: Namespace, answer: CommandResult) -> int:
    """List them, or remove those that were used; 3 when a host was not reached."""
    work = _pruned if args.action == "prune" else _listed
    return interrupt.run(work(read_configuration(args), args, answer))


async def _listed(config: Config, args: Namespace, answer: CommandResult) -> int:
    del args
    async with open_pair(config) as pair:
        found = await inventory(pair, read=True)
        away = [node for node in (pair.first, pair.second) if not node.opened]
        answer.data["backups"] = [each.to_json() for each in found]
        answer.data["unreached"] = [node.name for node in away]
        if not answer.json:
            print("\n".join(listing(found)))
            if not pair.first.opened and any("bring-over" in each.uses for each in found):
                print(
                    "\nfirst is not reached; where it is gone for ever, accounts of a backup go"
                    "\ninto second's own database: ejtui bring-over NAME --without-first"
                )
            for node in away:
                said = clean(f"\nnot listed: {node.name}: {node.trouble}", lines=True)
                print(flowed(said, sys.stdout))
    return 3 if away else 0


async def _pruned(config: Config, args: Namespace, answer: CommandResult) -> int:
    progress = Quiet() if answer.json else ProgressLine(sys.stdout, bell=args.bell)
    answer.data["changed"] = False
    async with open_pair(config, progress.paused) as pair:
        for node in (pair.first, pair.second):
            if node.trouble is not None:
                raise node.trouble
        done = await _run(pair, args, answer, progress)
    answer.data |= done.to_json()
    if not answer.json:
        print(flowed("\n".join(kept_lines(done)), sys.stdout))
    return 0


async def _run(
    pair: Pair, args: Namespace, answer: CommandResult, progress: ProgressLine | Quiet
) -> Pruned:
    agreed = asker(yes=args.yes, paused=progress.paused)

    async def asks(question: Question) -> bool:
        answer.data["changed"] = yes = await agreed(question)
        return yes

    asking: AskOperator = asks
    async with progress:
        return await prune(pair, asking, progress)


def listing(found: Sequence[Backup]) -> list[str]:
    """All backups as lines of at most 80 columns."""
    if not found:
        return ["there is no backup on either host"]
    lines: list[str] = []
    for each in found:
        lines += [*_lines(each), ""]
    total = sized(sum(each.size for each in found))
    count = "1 backup" if len(found) == 1 else f"{len(found)} backups"
    return [*lines, f"{count}, {total}"]


def _lines(found: Backup) -> list[str]:
    when = f"{local_minute(found.created)} {zone()}" if found.created else "at an unknown moment"
    lines = [clean(f"{found.name}   {found.node}   {when}   {sized(found.size)}   {found.state}")]
    lines += _wrapped(found.reason + (f", by {found.by}" if found.by else ""))
    if found.is_database and (found.on_second or found.accounts is not None):
        lines += _wrapped(f"accounts: {held(found)}")
    lines += _wrapped(f"for: {found.can}")
    lines += _wrapped(f"trouble: {found.trouble}") if found.trouble else []
    return [*lines, *_wrapped(found.path)]


def held(found: Backup) -> str:
    """Its accounts by number and name."""
    if found.accounts is None:
        return "not read" if found.account_count is None else str(found.account_count)
    count = len(found.accounts)
    return f"{count}: {accounts.listed(found.accounts)}" if count else "none"


def kept_lines(done: Pruned) -> list[str]:
    """What stays, and why."""
    return [clean(f"kept on {each.node}: {each.name}: {each.why}") for each in done.kept]


def _wrapped(text: str) -> list[str]:
    return wrapped(clean(text), _INDENT, f"{_INDENT}  ")
