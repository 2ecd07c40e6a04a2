"""Accounts: which there are, and which of second's first does not have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ejtui.erlang.probe import questions

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.pair import Pair

Account = tuple[str, str]

SECONDS = 300.0

MOST_SECONDS = 3600.0
"""Seconds that reading each account of a large site may take."""


async def list_accounts(node: Node) -> list[Account]:
    """All accounts (user, server) that the running node has. Raises ProbeError."""
    return await questions.list_accounts(node.probe, node.platform.node, SECONDS)


async def keeps_elsewhere(node: Node) -> bool:
    """Whether the running ejabberd keeps accounts outside its database: SQL, LDAP, a program.

    Raises ProbeError.
    """
    return await questions.keeps_elsewhere(node.probe, node.platform.node, SECONDS)


async def list_stored(node: Node) -> list[Account]:
    """All accounts in the running node's own database, listed by ejabberd or not.

    Raises ProbeError.
    """
    return await questions.stored_accounts(node.probe, node.platform.node, SECONDS)


async def list_own(node: Node) -> list[Account]:
    """The running node's accounts that go where its database goes: none that is kept elsewhere.

    Raises ProbeError.
    """
    return await (list_stored(node) if await keeps_elsewhere(node) else list_accounts(node))


async def list_kept(node: Node, directory: str) -> list[Account]:
    """All accounts in a directory of Mnesia's files on the node's host. Raises ProbeError.

    Nothing may write the files meanwhile.
    """
    source = questions.directory(directory)
    return list((await questions.kept_content(node.probe, source, MOST_SECONDS)).accounts)


async def read_through(
    node: Node, other: Node, on_progress: Callable[[Any], None]
) -> questions.ReadThrough:
    """Has `node` read every account of `other`, whose names go between the hosts alone.

    `on_progress` gets (read, all). Raises ProbeError.
    """
    theirs = other.platform.node
    return await questions.read_accounts(node.probe, theirs, MOST_SECONDS, on_progress)


async def find_only_on_second(pair: Pair, accounts: Sequence[Account]) -> list[Account]:
    """Those of second's `accounts` that first does not have, asked of first itself."""
    known = set(await questions.living_there(pair.first.probe, accounts, SECONDS))
    return [account for account in accounts if account not in known]


def names(accounts: Sequence[Account]) -> tuple[str, ...]:
    return tuple(sorted(f"{user}@{server}" for user, server in accounts))


def parse(named: Sequence[str]) -> list[Account]:
    """The reverse of names()."""
    return [(user, server) for user, _, server in (name.rpartition("@") for name in named)]
