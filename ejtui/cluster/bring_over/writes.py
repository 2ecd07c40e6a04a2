"""What is written of a backup: accounts, what one lacks, rooms, groups and pubsub nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ejtui.cluster.acts.act import Act, At, Command, asked, commands
from ejtui.cluster.backups import folders
from ejtui.cluster.backups import online as online_backup
from ejtui.cluster.bring_over.consent import amount
from ejtui.cluster.bring_over.offer import KeptAccount, Offer
from ejtui.cluster.bring_over.places import KeptPlace, counted
from ejtui.cluster.journal import Entry
from ejtui.cluster.operations import accounts
from ejtui.cluster.pair.node import Node
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.run.operation import BRING_OVER
from ejtui.erlang.probe import questions


def commands_of(keeper: Node, second: Node, offer: Offer) -> list[Command]:
    """What a yes runs: the backup of the cluster on `keeper`, then what is written."""
    backup = f"{folders.root(keeper.platform)}/STAMP-{BRING_OVER.id}/cluster.BUP"
    acts: list[Act] = [online_backup.backup_act(keeper, backup)]
    if offer.new:
        acts.append(_write_act(second, offer, offer.new))
    if offer.incomplete:
        acts.append(_write_act(second, offer, offer.incomplete, completes=True))
    if offer.new_places:
        acts.append(_places_act(second, offer))
    return commands(acts)


def _write_act(
    at: At,
    offer: Offer,
    wanted: Sequence[KeptAccount],
    *,
    completes: bool = False,
    on_progress: Callable[[Any], None] | None = None,
) -> Act[dict[accounts.Account, Mapping[str, tuple[int, int]]]]:
    """How accounts, or what the cluster lacks of one (`completes`), are written through a node."""
    how = questions.complete_accounts if completes else questions.bring_accounts
    what = "what is lacking of" if completes else "with what is theirs"
    count = amount(len(wanted), "account")
    text = (
        f"write {what} {count} of {offer.source.path} through {offer.through}."
        if completes
        else f"write {count} of {offer.source.path}, {what}, through {offer.through}."
    )
    return asked(
        at, text, how, offer.source.term, offer.through, names_of(wanted), online_backup.LONG,
        on_progress,
    )  # fmt: skip


def _places_act(at: At, offer: Offer) -> Act[set[tuple[str, str, str]]]:
    """How rooms, groups and pubsub nodes are written through a node."""
    places = offer.new_places
    text = f"write {counted(places)} of {offer.source.path} through {offer.through}."
    return asked(
        at, text, questions.bring_places, offer.source.term, offer.through,
        [place.term for place in places], online_backup.LONG,
    )  # fmt: skip


async def write_accounts(
    context: StepContext, offer: Offer, wanted: Sequence[KeptAccount], *, completes: bool = False
) -> dict[accounts.Account, Mapping[str, tuple[int, int]]]:
    """Those that were written: table -> (records written, the cluster's own that stayed)."""
    if not wanted:
        return {}
    context.journal.write(
        Entry.BRINGING, step=BRING_OVER.id, accounts=[account.name for account in wanted]
    )
    second = context.pair.second
    act = _write_act(
        second, offer, wanted, completes=completes,
        on_progress=lambda p: context.progress(p[0], p[1], "accounts"),
    )  # fmt: skip
    written: dict[accounts.Account, Mapping[str, tuple[int, int]]] = await act.run(second)
    return written


async def write_places(context: StepContext, offer: Offer) -> tuple[KeptPlace, ...]:
    """Rooms and groups that were written."""
    wanted = offer.new_places
    if not wanted:
        return ()
    context.journal.write(
        Entry.BRINGING, step=BRING_OVER.id, places=[place.called for place in wanted]
    )
    second = context.pair.second
    written = await _places_act(second, offer).run(second)
    return tuple(place for place in wanted if (place.kind, place.name, place.host) in written)


def names_of(wanted: Sequence[KeptAccount]) -> list[accounts.Account]:
    """How the probe's questions name these accounts."""
    return [account.account for account in wanted]
