"""`ejtui backups`: every backup on both hosts, their removal, and their records restored."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence

from ejtui.amounts import amount
from ejtui.cleaning import clean
from ejtui.cli import interrupt
from ejtui.cli.arguments import UsageError
from ejtui.cli.configuration import addressed, read_configuration
from ejtui.cli.confirm import asker
from ejtui.cli.open_pair import open_pair, progress_of
from ejtui.cli.render.progress import ProgressLine, Quiet
from ejtui.cli.render.text import flowed, wrapped
from ejtui.cli.result import CommandResult
from ejtui.cluster.backups import listing
from ejtui.cluster.backups.inventory import Backup, inventory
from ejtui.cluster.backups.prune import Directory, Pruned, prune, sort
from ejtui.cluster.backups.tables.table_restore import restore_tables
from ejtui.cluster.facts import account_names
from ejtui.cluster.history.clock import local_minute, zone
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.question import AskOperator, Question
from ejtui.config import Config

_INDENT = "    "
_FIRST_GONE = (
    "\nfirst is not reached; where it is gone for ever, accounts of a backup go"
    "\ninto second's own database: ejtui bring-over NAME --without-first"
)


def run(args: Namespace, answer: CommandResult) -> int:
    """List, remove, or restore records; 3 when a host was not reached."""
    work = {"prune": _pruned, "restore-table": _restored}.get(args.action, _listed)
    if args.action == "restore-table" and len(args.names) != 1:
        raise UsageError("restore-table wants the name of one online backup of first")
    return interrupt.run(work(read_configuration(args), args, answer))


async def _listed(config: Config, args: Namespace, answer: CommandResult) -> int:
    async with open_pair(config) as pair:
        found = await inventory(pair, read=True)
        away = [node for node in (pair.first, pair.second) if not node.opened]
        stays = {(each.node, each.name): each for each in sort(found)}
        answer.data["backups"] = [
            each.to_json() | _pruning(stays[each.node, each.folder]) for each in found
        ]
        answer.data["unreached"] = [node.name for node in away]
        problems = listing.problem_lines(await listing.left_out(pair))
        answer.data["left_out"] = problems
        if not answer.json:
            print("\n".join(backup_lines(found)))
            for each in problems:
                print(flowed(f"\n{each}", sys.stdout))
            if not pair.first.opened and any("bring-over" in each.uses for each in found):
                print("\n".join(addressed([_FIRST_GONE], args)))
            for node in away:
                said = clean(f"\nnot listed: {node.name}: {node.trouble}", lines=True)
                print(flowed(said, sys.stdout))
    return 3 if away else 0


async def _pruned(config: Config, args: Namespace, answer: CommandResult) -> int:
    progress = progress_of(args, answer)
    answer.data["changed"] = False
    async with open_pair(config, progress.paused) as pair:
        for node in (pair.first, pair.second):
            if node.trouble is not None:
                raise node.trouble
        done = await _run(pair, args, answer, progress)
    answer.data |= done.to_json()
    if not answer.json:
        print(flowed("\n".join(addressed(kept_lines(done), args)), sys.stdout))
    return 0


async def _restored(config: Config, args: Namespace, answer: CommandResult) -> int:
    progress = progress_of(args, answer)
    answer.data["changed"] = False
    async with open_pair(config, progress.paused) as pair, progress:
        asks = _asker(args, answer, progress)
        done = await restore_tables(pair, args.names[0], asks, progress)
    answer.data |= done.to_json()
    return 0


def _pruning(where: Directory) -> dict[str, object]:
    """The part of `--json` about what `backups prune` does with it."""
    how = "used" if not where.why else "by name" if where.by_name else "never"
    return {"prune": how, "stays": where.why}


async def _run(
    pair: Pair, args: Namespace, answer: CommandResult, progress: ProgressLine | Quiet
) -> Pruned:
    async with progress:
        return await prune(pair, _asker(args, answer, progress), progress, names=args.names)


def _asker(args: Namespace, answer: CommandResult, progress: ProgressLine | Quiet) -> AskOperator:
    """Notes whether anything was agreed to."""
    agreed = asker(yes=args.yes, paused=progress.paused, worded=progress.worded)

    async def asks(question: Question) -> bool:
        yes = await agreed(question)
        answer.data["changed"] = answer.data["changed"] or yes
        return yes

    return asks


def backup_lines(found: Sequence[Backup]) -> list[str]:
    """All backups as lines of at most 80 columns."""
    if not found:
        return ["there is no backup on either host"]
    lines: list[str] = []
    for each in found:
        lines += [*_lines(each), ""]
    total = amount(sum(each.size for each in found))
    count = "1 backup" if len(found) == 1 else f"{len(found)} backups"
    return [*lines, f"{count}, {total}"]


def _lines(found: Backup) -> list[str]:
    when = f"{local_minute(found.created)} {zone()}" if found.created else "at an unknown moment"
    lines = [clean(f"{found.name}   {found.node}   {when}   {amount(found.size)}   {found.state}")]
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
    return f"{count}: {account_names.listed(found.accounts)}" if count else "none"


def kept_lines(done: Pruned) -> list[str]:
    """What stays, why, and what may go by name; where nothing went, why was reported before."""
    stay = done.kept if done.removed else ()
    lines = [clean(f"kept on {each.node}: {each.name}: {each.why}") for each in stay]
    able = next((each.name for each in done.kept if each.by_name), "")
    if able:
        lines.append(f"what is not second's own goes by name: `ejtui backups prune {able}`")
    return lines


def _wrapped(text: str) -> list[str]:
    return wrapped(clean(text), _INDENT, f"{_INDENT}  ")
