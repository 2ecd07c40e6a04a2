"""What a join would set aside of second's, read before anything is changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ejtui.cluster.facts.set_aside import SetAside
from ejtui.cluster.operations import accounts, set_aside
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.facts.node import PairFacts
    from ejtui.cluster.operations.accounts import Account
    from ejtui.cluster.pair.pair import Pair


async def read(pair: Pair, facts: PairFacts) -> SetAside:
    """What second has that first has not, read where it is now.

    Changes nothing, starts nothing and never raises: what could not be read is named in `unread`.
    """
    try:
        if facts.second.ejabberd and facts.first.ejabberd:
            return await set_aside.compare(pair, lambda _: None, apart=_apart(facts))
        why = "the databases are compared while ejabberd runs on both nodes"
    except (ProbeError, HostError) as error:
        why = str(error)
    try:
        named = await _accounts(pair, facts)
    except (ProbeError, HostError) as error:
        return SetAside(alone=None, unread=(f"{why}; second's accounts: {error}",))
    return SetAside(alone=named, unread=(why,))


def _apart(facts: PairFacts) -> bool:
    return facts.first.cookie.sha256 != facts.second.cookie.sha256


async def _accounts(pair: Pair, facts: PairFacts) -> Sequence[str] | None:
    """Those that first lacks; all of second's where first cannot be asked."""
    second = pair.second
    found: Sequence[Account]
    if facts.second.ejabberd:
        found = await accounts.list_accounts(second)
    elif facts.second.vm == "down":
        found = await accounts.list_kept(second, second.platform.spool_dir)
    else:
        return None
    if facts.first.ejabberd:
        found = await accounts.find_only_on_second(pair, found)
    return await accounts.sorted_names(found)
