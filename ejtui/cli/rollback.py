"""`ejtui rollback`: second back to what it was before the join."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence

from ejtui.cli import interrupt
from ejtui.cli.answer import Answer
from ejtui.cli.arguments import UsageError
from ejtui.cli.ask import asker
from ejtui.cli.configured import configured
from ejtui.cli.opened import opened
from ejtui.cli.progress import Progress
from ejtui.cluster import store
from ejtui.cluster.events import Event, StepEnded
from ejtui.cluster.manifest import Manifest
from ejtui.cluster.pair import Pair
from ejtui.cluster.rollback import ID, rollback
from ejtui.config import Config

_STANDING = (
    "It stood in the rollback; what was done before stays done.\n"
    "  `ejtui rollback` again goes on from where the nodes stand then; "
    "`ejtui status` shows it."
)


def run(args: Namespace, answer: Answer) -> int:
    """Bring second's own database back; 0 when it runs on it again, by itself."""
    interrupt.run(_rolled_back(configured(args), args, answer))
    return 0


async def _rolled_back(config: Config, args: Namespace, answer: Answer) -> None:
    backup: str | None = args.backup
    progress = Progress(sys.stdout)
    async with opened(config, progress.paused) as pair:
        for node in (pair.first, pair.second):
            if node.trouble is not None:
                raise node.trouble
        if backup is None:
            await _refuse_several(pair)
        progress.titles = {ID: "rollback"}

        def emit(event: Event) -> None:
            # A failure is the error that is raised, and is said once.
            if not (isinstance(event, StepEnded) and event.state != "done"):
                progress(event)

        async with progress:
            answer.standing = _STANDING
            asks = asker(yes=args.yes, accept=args.accept, paused=progress.paused)
            await rollback(pair, backup, asks, emit)


async def _refuse_several(pair: Pair) -> None:
    """Where there is more than one backup to go back to, a person names it."""
    usable = [found for found in await store.load(pair) if found.stage != "rolled-back"]
    if len(usable) > 1:
        raise UsageError(
            "there are several backups on second; name the one to go back to:\n"
            + "\n".join(_lines(usable))
        )


def _lines(backups: Sequence[Manifest]) -> list[str]:
    return [f"  ejtui rollback {each.stamp}   {_held(each)}" for each in backups]


def _held(backup: Manifest) -> str:
    kilobytes = sum(file.size for file in backup.files) // 1024
    if not backup.files:
        return "no database, the cookie alone" if backup.cookie else "nothing in it yet"
    accounts = "unread" if backup.accounts is None else len(backup.accounts)
    return f"{len(backup.files)} files, {kilobytes} kB, accounts: {accounts}, by {backup.by}"
