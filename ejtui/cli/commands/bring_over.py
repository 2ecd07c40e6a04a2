"""`ejtui bring-over`: what only a backup of second has, into the cluster."""

from __future__ import annotations

import sys
from argparse import Namespace

from ejtui.cleaning import clean
from ejtui.cli import interrupt
from ejtui.cli.arguments import UsageError
from ejtui.cli.configuration import read_configuration
from ejtui.cli.confirm import asker
from ejtui.cli.open_pair import open_pair, progress_of
from ejtui.cli.render.text import flowed
from ejtui.cli.result import CommandResult
from ejtui.cluster.backups.inventory import reason
from ejtui.cluster.bring_over import source as bringover_source
from ejtui.cluster.bring_over.offer import Offer
from ejtui.cluster.bring_over.run import bring_over
from ejtui.cluster.bring_over.source import Source
from ejtui.cluster.errors import BackupError
from ejtui.cluster.operations.without_first import refuse_unreached, worded
from ejtui.cluster.pair.pair import Pair
from ejtui.config import Config

_STANDING = (
    "It stopped in bringing accounts over; those that were written stay, whole.\n"
    "  `{again}` again goes on with the others."
)


def run(args: Namespace, answer: CommandResult) -> int:
    """Bring them over; 0 when the cluster has all that the backup has, 1 when some were skipped."""
    return interrupt.run(_brought(read_configuration(args), args, answer))


async def _brought(config: Config, args: Namespace, answer: CommandResult) -> int:
    progress = progress_of(args, answer)
    async with open_pair(config, progress.paused) as pair:
        refuse_unreached(pair, "bring-over BACKUP", without_first=args.without_first)
        again = worded("bring-over", without_first=args.without_first)
        source = await _source(pair, args.backup, without_first=args.without_first)

        def shows(offer: Offer) -> None:
            answer.standing = _STANDING.format(again=again)
            if answer.json:
                answer.data |= offer.to_json()
            else:
                with progress.paused():
                    said = "\n".join(clean(line) for line in offer.lines())
                    print(flowed(said, sys.stdout))

        async with progress:
            asks = asker(
                yes=args.yes, accept=args.accept, paused=progress.paused, worded=progress.worded
            )
            done = await bring_over(
                pair, source, asks, progress, shows=shows, without_first=args.without_first
            )
        if answer.json:
            answer.data |= done.to_json()
        return 1 if done.offer.conflicts or done.offer.left_places else 0


async def _source(pair: Pair, wanted: str | None, *, without_first: bool) -> Source:
    """The backup that was named, or the only one there is."""
    if wanted is not None:
        return await bringover_source.find(pair, wanted)
    known = await bringover_source.sources(pair)
    if not known:
        raise BackupError("there is no backup of second with a database in it")
    if len(known) > 1:
        lines = [
            f"  {worded(f'bring-over {each.name}', without_first=without_first)}   {_what(each)}"
            for each in known
        ]
        raise UsageError(
            "there are several backups on second; name the one to bring accounts over from:\n"
            + "\n".join(lines)
        )
    return known[0]


def _what(source: Source) -> str:
    manifest = source.manifest
    if manifest is None:
        made = "online backup" if source.is_online else "database"
        return f"second's {made}, kept by a repair or a rollback"
    count = manifest.known_count
    held = "1 account" if count == 1 else f"{count} accounts"
    if count < 0:
        held = "its accounts are read when you name it"
    return f"{reason(manifest)}, {held}, by {manifest.by}"
