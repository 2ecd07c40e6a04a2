"""What became of second's own accounts, once a rollback has brought its database back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.backups.rollback import present
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts import account_names
from ejtui.cluster.operations import accounts
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.run.context import StepContext


@dataclass(frozen=True)
class There:
    """Second's accounts by name: those that its ejabberd lists, and those in its database.

    `elsewhere` is whether ejabberd keeps accounts outside the database: nothing is listed then.
    """

    listed: Sequence[str] = ()
    stored: Sequence[str] = ()
    elsewhere: bool = False


class AccountsMissing(StepFailed):
    """Second runs on its own database again, and does not have all accounts that are in it."""

    def __init__(self, missing: Sequence[str], again: str) -> None:
        super().__init__(
            "second's own database is back as its checksums show, and started; accounts of the "
            f"backup that second does not have now; missing: {account_names.listed(missing)}. "
            "Somebody has deleted them since that start, or ejabberd cannot read them. "
            f"`{again}` restores the backup once more, and sets aside what second has now; "
            "`ejtui backups` lists other backups"
        )


async def accounts_seen(
    context: StepContext, manifest: Manifest, *, in_a_cluster: bool, again: str
) -> list[str]:
    """Lines about the backup's accounts, which second has again.

    The database is back whole by then: where no account can be read, that is one of the lines.
    Raises AccountsMissing.
    """
    try:
        kept = await _kept(context, manifest)
        if kept is None:
            return []
        there = await _there(context.pair.second, kept)
    except (ProbeError, HostError) as error:
        return [
            "second: its own database is back as its checksums show; which accounts it has could "
            f"not be read: {error}"
        ]
    return await asyncio.to_thread(
        partial(compared, kept, there, in_a_cluster=in_a_cluster, again=again)
    )


async def _kept(context: StepContext, manifest: Manifest) -> Sequence[str] | None:
    """The backup's accounts; those of a large site stand in its database alone."""
    if manifest.accounts is not None or manifest.known_count < 0:
        return manifest.accounts
    return await present.content(context, manifest.database)


async def _there(second: Node, kept: Sequence[str]) -> There:
    """What lies in the database is asked where what ejabberd lists does not answer it."""
    elsewhere = await accounts.keeps_elsewhere(second)
    listed = [] if elsewhere else await accounts.list_accounts(second)
    names = await accounts.sorted_names(listed)
    unlisted = await asyncio.to_thread(accounts.without, kept, names)
    if not (elsewhere or unlisted):
        return There(names)
    stored = await accounts.sorted_names(await accounts.list_stored(second))
    return There(names, stored, elsewhere)


def compared(kept: Sequence[str], there: There, *, in_a_cluster: bool, again: str) -> list[str]:
    """What became of the backup's accounts. Raises AccountsMissing. Pure.

    `again` is the command that restores the backup once more.

    Not where second is a member of another cluster, where they were deleted meanwhile; nor where
    its ejabberd keeps them outside the database, which a rollback does not touch.
    """
    missing = accounts.without(accounts.without(kept, there.listed), there.stored)
    if missing and not (in_a_cluster or there.elsewhere):
        raise AccountsMissing(missing, again)
    seen = [*_back(kept, there), *_kept_elsewhere(there, missing)]
    if missing and not there.elsewhere:
        seen.append(f"second: no longer in its cluster: {account_names.listed(missing)}")
    if new := accounts.without(there.stored if there.elsewhere else there.listed, kept):
        seen.append(f"second: new since the backup, and kept: {account_names.listed(new)}")
    return seen


def _back(wanted: Sequence[str], there: There) -> list[str]:
    """Those that are there again, and which of them ejabberd does not list."""
    if there.elsewhere:
        back = accounts.within(wanted, there.stored)
        return [f"second: in its database again: {account_names.listed(back)}"] if back else []
    unlisted = accounts.without(accounts.within(wanted, there.stored), there.listed)
    listed = accounts.within(wanted, there.listed)
    seen = _own(wanted, listed)
    if unlisted:
        seen.append(
            "second: in its database again, and not listed by its ejabberd, whose ejabberd.yml "
            f"does not serve their host now: {account_names.listed(unlisted)}"
        )
    return seen


def _own(wanted: Sequence[str], listed: Sequence[str]) -> list[str]:
    if not wanted:
        return ["second: its own database is back, which had no accounts"]
    return [f"second: its own accounts are back: {account_names.listed(listed)}"] if listed else []


def _kept_elsewhere(there: There, missing: Sequence[str]) -> list[str]:
    if not there.elsewhere:
        return []
    seen = [
        "second: by auth_method its ejabberd keeps accounts outside its database, where a rollback "
        "changes nothing"
    ]
    if missing:
        seen.append(f"second: not looked for there: {account_names.listed(missing)}")
    return seen
