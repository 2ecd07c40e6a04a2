"""Questions about the accounts and places of a database that lies in files, for bringing over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from ejtui.erlang.probe import lines
from ejtui.erlang.probe.client import nodes
from ejtui.erlang.probe.questions import typed as types
from ejtui.erlang.probe.questions.typed import (
    Account,
    Asked,
    Progress,
    mapping,
    number,
    numbers,
    text,
    texts,
    typed,
)
from ejtui.erlang.probe.row_list import RowList
from ejtui.erlang.terms.etf import Atom

Source = tuple[Atom, str]
PlaceTerm = tuple[Atom, str, str]
"""A kind of place, its name and its host."""

STANDS = frozenset(("new", "same", "taken", "unclear", "unserved", "unfit"))
PLACES = frozenset(("room", "group", "node", "personal"))

Written = Mapping[str, tuple[int, int]]
"""By table: how many records were written, and how many of the node's own stayed."""


def directory(path: str) -> Source:
    """A directory of Mnesia's files, as questions name it."""
    return Atom("directory"), path


def file(path: str) -> Source:
    """An online backup, as questions name it."""
    return Atom("file"), path


@dataclass(frozen=True)
class Content:
    """Accounts, the number of records by table, and what may be missing."""

    accounts: Sequence[Account] = ()
    tables: Mapping[str, int] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileContent:
    """What can be read of one of Mnesia's files: its records, or a log's changes, and how many
    bytes of a log cannot be read. `cookie` is that of the schema in schema.DAT, "" elsewhere."""

    records: int
    unread: int = 0
    cookie: str = ""


@dataclass(frozen=True)
class OfferedAccount:
    """An account, how it stands in the cluster (one of STANDS), the kinds of its passwords, how
    many records each table has for it, and how many of them the cluster lacks."""

    account: Account
    state: str
    passwords: tuple[str, ...]
    holds: Mapping[str, int]
    lacks: Mapping[str, int]


@dataclass(frozen=True)
class OfferedPlace:
    """A room, group or pubsub node, how it stands, and how many members a group has."""

    kind: str
    name: str
    host: str
    state: str
    members: int


@dataclass(frozen=True)
class LeftTable:
    """A table that is left out although it has `records` of these accounts, and why."""

    table: str
    records: int
    why: str


@dataclass(frozen=True)
class Offered:
    """What a database has, against what the cluster has."""

    accounts: RowList[OfferedAccount]
    places: tuple[OfferedPlace, ...]
    left_out: tuple[LeftTable, ...]
    doubts: tuple[str, ...]


class Bringing(Protocol):
    """A question that writes accounts of a database in files through a running node."""

    async def __call__(
        self,
        probe: Asked,
        source: Source,
        node: str,
        accounts: Sequence[Account],
        timeout: float,
        on_progress: Progress | None = None,
    ) -> dict[Account, Written]: ...


@dataclass(frozen=True)
class ReadBack:
    """What a node reports of accounts that were written: records that are the `same`, of all; what
    is `missing` (account and table), and the accounts that ejabberd there does not know."""

    records: int
    same: int
    missing: tuple[tuple[str, str, str], ...]
    unknown: tuple[Account, ...]


async def kept_content(probe: Asked, source: Source, timeout: float) -> Content:
    """What lies in files of a database. Raises ProbeError."""
    said = await probe.ask("kept_content", source, timeout=timeout)
    with typed("the content of a database"):
        accounts = await asyncio.to_thread(types.accounts, said["accounts"])
        return Content(accounts, numbers(said["tables"]), texts(said["doubts"]))


async def kept_file(probe: Asked, path: str, name: str, timeout: float) -> FileContent:
    """What can be read of one file of a database in this directory.

    Raises ProbeError, also where Mnesia could not read it.
    """
    said = await probe.ask("kept_file", path, name, timeout=timeout)
    with typed("the content of a file"):
        return FileContent(number(said["records"]), number(said["unread"]), text(said["cookie"]))


async def kept_accounts(probe: Asked, source: Source, node: str, timeout: float) -> Offered:
    """What a database in files has, against a running node's cluster. Raises ProbeError."""
    said = await probe.ask("kept_accounts", source, *nodes([node]), timeout=timeout)
    with typed("what a database has to offer"):
        offered = await asyncio.to_thread(_offered_accounts, said["accounts"])
        return Offered(
            offered,
            tuple(
                OfferedPlace(
                    _one_of(PLACES, row["kind"]), text(row["name"]), text(row["host"]),
                    text(row["state"]), number(row["members"]),
                )
                for row in said["places"]
            ),
            tuple(
                LeftTable(text(row["table"]), number(row["records"]), text(row["why"]))
                for row in said["left_out"]
            ),
            texts(said["doubts"]),
        )  # fmt: skip


def _offered_accounts(said: object) -> RowList[OfferedAccount]:
    offered = types.rows(said, 6, _account)
    for each in offered:
        _one_of(STANDS, each.state)
    return offered


def _account(row: Sequence[str]) -> OfferedAccount:
    user, server, state, passwords, holds, lacks = row
    return OfferedAccount(
        (user, server),
        state,
        tuple(filter(None, passwords.split(","))),
        lines.counts(holds),
        lines.counts(lacks),
    )


def _one_of(known: frozenset[str], said: object) -> str:
    """A word that is one of these. Raises ValueError."""
    if (word := text(said)) not in known:
        raise ValueError("an unknown word")
    return word


async def bring_accounts(
    probe: Asked,
    source: Source,
    node: str,
    accounts: Sequence[Account],
    timeout: float,
    on_progress: Progress | None = None,
) -> dict[Account, Written]:
    """Writes accounts through a running node; those that it wrote. `on_progress` gets (done, all).

    Raises ProbeError.
    """

    async def ask(asked: list[Account], **how: Any) -> Any:
        return await probe.ask("bring_accounts", source, *nodes([node]), asked, **how)

    return await _write(ask, accounts, timeout, on_progress)


async def complete_accounts(
    probe: Asked,
    source: Source,
    node: str,
    accounts: Sequence[Account],
    timeout: float,
    on_progress: Progress | None = None,
) -> dict[Account, Written]:
    """Writes what the cluster lacks of accounts that it has; those that it wrote.

    Raises ProbeError.
    """

    async def ask(asked: list[Account], **how: Any) -> Any:
        return await probe.ask("complete_accounts", source, *nodes([node]), asked, **how)

    return await _write(ask, accounts, timeout, on_progress)


async def _write(
    ask: Callable[..., Awaitable[Any]],
    accounts: Sequence[Account],
    timeout: float,
    on_progress: Progress | None,
) -> dict[Account, Written]:
    written: dict[Account, Written] = {}
    done = 0
    for asked in types.portions(accounts):
        further = on_progress and partial(_further, on_progress, done, len(accounts))
        said = await ask(asked, timeout=timeout, on_progress=further)
        with typed("what was written"):
            written |= _written(said)
        done += len(asked)
    return written


def _further(on_progress: Progress, before: int, total: int, said: Sequence[int]) -> None:
    on_progress((before + said[0], total))


def _written(said: Sequence[tuple[object, object, object]]) -> dict[Account, Written]:
    return {
        (text(user), text(server)): {
            text(table): (number(written), number(kept))
            for table, (written, kept) in mapping(tables).items()
        }
        for user, server, tables in said
        if tables != "there"
    }


async def bring_places(
    probe: Asked, source: Source, node: str, places: Sequence[PlaceTerm], timeout: float
) -> set[tuple[str, str, str]]:
    """Writes rooms, groups and pubsub nodes; the kind, name and host of those that it wrote.

    Raises ProbeError.
    """
    said = await probe.ask("bring_places", source, *nodes([node]), list(places), timeout=timeout)
    with typed("a list of places"):
        return {(text(kind), text(name), text(host)) for kind, name, host in said}


async def missing_places(
    probe: Asked, node: str, places: Sequence[PlaceTerm], timeout: float
) -> list[tuple[str, str, str]]:
    """Those of these places that a node has not. Raises ProbeError."""
    said = await probe.ask("look_at_places", *nodes([node]), list(places), timeout=timeout)
    with typed("a list of places"):
        return [(text(kind), text(name), text(host)) for kind, name, host in said]


async def read_back(
    probe: Asked, source: Source, node: str, accounts: Sequence[Account], timeout: float
) -> ReadBack:
    """Reads accounts that were written back through a node. Raises ProbeError."""
    seen = ReadBack(0, 0, (), ())
    for asked in types.portions(accounts):
        said = await probe.ask("look_at_accounts", source, *nodes([node]), asked, timeout=timeout)
        with typed("what was read back"):
            now = _read_back(said)
        seen = ReadBack(
            seen.records + now.records,
            seen.same + now.same,
            seen.missing + now.missing,
            seen.unknown + now.unknown,
        )
    return seen


def _read_back(said: Mapping[str, Any]) -> ReadBack:
    return ReadBack(
        number(said["records"]),
        number(said["same"]),
        tuple((text(user), text(server), text(table)) for user, server, table in said["missing"]),
        tuple((text(user), text(server)) for user, server in said["unknown"]),
    )
