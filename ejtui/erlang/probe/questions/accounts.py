"""Questions about the accounts of a running database."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from ejtui.erlang.probe import lines
from ejtui.erlang.probe.client import nodes
from ejtui.erlang.probe.questions import typed as types
from ejtui.erlang.probe.questions.typed import Account, Asked, Progress, numbers, text, typed
from ejtui.erlang.probe.row_list import RowList


@dataclass(frozen=True)
class ReadThrough:
    """How many accounts were `asked` for and `read`, `through` ejabberd itself, the first that are
    `missing`, and where the node reads them, "" where not in Mnesia.

    `hosts` are the virtual hosts with accounts, each with how many were asked for and read;
    `served` are those that the other node serves, `unserved` those of them that this one does not.
    """

    asked: int
    read: int
    through: int
    missing: tuple[Account, ...]
    where_to_read: str
    hosts: tuple[tuple[str, int, int], ...] = ()
    served: tuple[str, ...] = ()
    unserved: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """An account of both nodes: how its passwords compare, and records of one alone by table."""

    account: Account
    passwords: str
    holds: Mapping[str, int]


@dataclass(frozen=True)
class Place:
    """A room, group or pubsub node; `stands` is "other" where the other node has another one."""

    name: str
    host: str
    stands: str


@dataclass(frozen=True)
class Compared:
    """What a node's database has that the other's has not; `unread` was not compared, and why."""

    alone: Sequence[Account]
    differing: Sequence[Difference]
    rooms: tuple[Place, ...]
    groups: tuple[Place, ...]
    nodes: tuple[Place, ...]
    tables: Mapping[str, int]
    unread: tuple[str, ...]


async def list_accounts(probe: Asked, node: str, timeout: float) -> Sequence[Account]:
    """All accounts that the running node has. Raises ProbeError."""
    said = await probe.ask("accounts", *nodes([node]), timeout=timeout)
    with typed("a list of accounts"):
        return await asyncio.to_thread(types.accounts, said)


async def keeps_elsewhere(probe: Asked, node: str, timeout: float) -> bool:
    """Whether the running ejabberd keeps accounts of any host outside its database, as in SQL.

    Raises ProbeError.
    """
    said = await probe.ask("accounts_elsewhere", *nodes([node]), timeout=timeout)
    with typed("whether accounts are kept elsewhere"):
        return types.truth(said)


async def stored_accounts(probe: Asked, node: str, timeout: float) -> Sequence[Account]:
    """All accounts in the running node's own database. Raises ProbeError."""
    said = await probe.ask("stored_accounts", *nodes([node]), timeout=timeout)
    with typed("a list of accounts"):
        return await asyncio.to_thread(types.accounts, said)


async def missing_there(
    probe: Asked, wanted: Sequence[Account], timeout: float
) -> Sequence[Account]:
    """Those of these accounts that the node does not have. Raises ProbeError."""
    missing: list[RowList[Account]] = []
    for asked in types.portions(wanted):
        said = await probe.ask("lives_there", asked, timeout=timeout)
        with typed("a list of accounts"):
            known = set(types.accounts(said))
        missing.append(RowList.of((each for each in asked if each not in known), types.pair))
    if len(missing) == 1:
        return missing[0]
    return await asyncio.to_thread(RowList.of, chain(*missing), types.pair)


async def read_accounts(
    probe: Asked, node: str, timeout: float, on_progress: Progress | None = None
) -> ReadThrough:
    """Has the probe's node read every account of another; `on_progress` gets (read, all).

    Raises ProbeError.
    """
    said = await probe.ask(
        "read_accounts", *nodes([node]), timeout=timeout, on_progress=on_progress
    )
    with typed("how many accounts were read"):
        return ReadThrough(
            types.number(said["asked"]),
            types.number(said["read"]),
            types.number(said["through"]),
            tuple((text(user), text(server)) for user, server in said["missing"]),
            types.maybe(said["where_to_read"]),
            tuple(
                (text(host), types.number(asked), types.number(read))
                for host, asked, read in said["hosts"]
            ),
            types.texts(said["served"]),
            types.texts(said["unserved"]),
        )


async def routes(probe: Asked, node: str, host: str, timeout: float) -> str:
    """Whether a stanza that the probe's node routes reaches a session on `node`, opened for it.

    "arrived"; "lost"; "unseen", where the probe's node does not know that session; or why it could
    not be tried. Raises ProbeError.
    """
    said = await probe.ask("routes", *nodes([node]), host, timeout=timeout)
    with typed("whether a stanza arrived"):
        return text(said[1] if isinstance(said, tuple) else said)


async def compare_databases(
    probe: Asked,
    node: str,
    sealed: str | None = None,
    *,
    timeout: float,
    on_progress: Progress | None = None,
) -> Compared:
    """What the probe's node has that this one has not, compared between the hosts.

    `sealed` is the other's cookie where theirs differ. `on_progress` gets (done, all).
    Raises ProbeError.
    """
    secret = [] if sealed is None else [sealed]
    said = await probe.ask(
        "set_aside", *nodes([node]), *secret, timeout=timeout, on_progress=on_progress
    )
    with typed("what one database has alone"):
        return Compared(
            alone=await asyncio.to_thread(types.accounts, said["alone"]),
            differing=await asyncio.to_thread(types.rows, said["differ"], 4, _difference),
            rooms=_places(said["rooms"]),
            groups=_places(said["groups"]),
            nodes=_places(said["nodes"]),
            tables=numbers(said["tables"]),
            unread=types.texts(said["unread"]),
        )


def _difference(row: Sequence[str]) -> Difference:
    user, server, password, holds = row
    return Difference((user, server), password, lines.counts(holds))


def _places(said: Sequence[tuple[object, object, object]]) -> tuple[Place, ...]:
    return tuple(Place(text(name), text(host), text(stands)) for name, host, stands in said)
