"""Accounts: which there are, and which of second's first does not have."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ejtui.erlang.probe import questions
from ejtui.erlang.probe.row_list import RowList

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.pair import Pair

Account = tuple[str, str]

SECONDS = 300.0

LISTED = 20_000
"""So many names are kept as they are; more are made one by one."""

MOST_SECONDS = 3600.0
"""Seconds that reading each account of a large site may take."""


async def list_accounts(node: Node) -> Sequence[Account]:
    """All accounts (user, server) that the running node has. Raises ProbeError."""
    return await questions.list_accounts(node.probe, node.platform.node, SECONDS)


async def keeps_elsewhere(node: Node) -> bool:
    """Whether the running ejabberd keeps accounts outside its database: SQL, LDAP, a program.

    Raises ProbeError.
    """
    return await questions.keeps_elsewhere(node.probe, node.platform.node, SECONDS)


async def list_stored(node: Node) -> Sequence[Account]:
    """All accounts in the running node's own database, listed by ejabberd or not.

    Raises ProbeError.
    """
    return await questions.stored_accounts(node.probe, node.platform.node, SECONDS)


async def list_own(node: Node) -> Sequence[Account]:
    """The running node's accounts that go where its database goes: none that is kept elsewhere.

    Raises ProbeError.
    """
    return await (list_stored(node) if await keeps_elsewhere(node) else list_accounts(node))


async def list_kept(node: Node, directory: str) -> Sequence[Account]:
    """All accounts in a directory of Mnesia's files on the node's host. Raises ProbeError.

    Nothing may write the files meanwhile.
    """
    source = questions.directory(directory)
    return (await questions.kept_content(node.probe, source, MOST_SECONDS)).accounts


async def read_through(
    node: Node, other: Node, on_progress: Callable[[Any], None]
) -> questions.ReadThrough:
    """Has `node` read every account of `other`, whose names go between the hosts alone.

    `on_progress` gets (read, all). Raises ProbeError.
    """
    theirs = other.platform.node
    return await questions.read_accounts(node.probe, theirs, MOST_SECONDS, on_progress)


async def find_only_on_second(pair: Pair, accounts: Sequence[Account]) -> Sequence[Account]:
    """Those of second's `accounts` that first does not have, asked of first itself."""
    return await questions.missing_there(pair.first.probe, accounts, SECONDS)


def names(accounts: Sequence[Account]) -> Sequence[str]:
    """Their names, sorted; where they are many, each is made when it is asked for."""
    if len(accounts) <= LISTED:
        return tuple(sorted(map("@".join, accounts)))
    rows = accounts if isinstance(accounts, RowList) else RowList.of(accounts, "@".join)
    return rows.viewed("@".join).in_order(b"@")


async def sorted_names(accounts: Sequence[Account]) -> Sequence[str]:
    """Their names as names() has them; the event loop goes on meanwhile where they are many."""
    if len(accounts) <= LISTED:
        return names(accounts)
    return await asyncio.to_thread(names, accounts)


def parse(named: Sequence[str]) -> Sequence[Account]:
    """The reverse of names()."""
    if isinstance(named, RowList):
        return named.viewed(lambda row: (row[0], row[1]))
    return [(user, server) for user, _, server in (name.rpartition("@") for name in named)]


def without(wanted: Sequence[str], known: Sequence[str]) -> Sequence[str]:
    """The names in `wanted` that are not in `known`, sorted."""
    return _compared(wanted, known, there=False)


def within(wanted: Sequence[str], known: Sequence[str]) -> Sequence[str]:
    """The names that are in both, sorted."""
    return _compared(wanted, known, there=True)


def _compared(wanted: Sequence[str], known: Sequence[str], *, there: bool) -> Sequence[str]:
    """Side by side, so that nothing is made of the names but the result."""

    def found() -> Iterator[str]:
        others = map(_key, _sorted(known))
        other = next(others, None)
        for name in _sorted(wanted):
            while other is not None and other < _key(name):
                other = next(others, None)
            if (other == _key(name)) is there:
                yield name

    rows = RowList.of((name.rpartition("@")[::2] for name in found()), "@".join)
    return tuple(rows) if len(rows) <= LISTED else rows


def _sorted(named: Sequence[str]) -> Iterable[str]:
    """Those of names() are sorted already; of a list of other hands nobody knows."""
    return named if isinstance(named, RowList) else sorted(set(named), key=_key)


def _key(name: str) -> bytes:
    """What sorts names, in each list alike."""
    return name.encode("utf-8", "surrogateescape")
