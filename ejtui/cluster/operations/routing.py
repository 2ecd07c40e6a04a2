"""Whether a stanza that second routes reaches a session on first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ejtui.cleaning import clean
from ejtui.cluster.errors import StepFailed
from ejtui.erlang.probe import questions

if TYPE_CHECKING:
    from ejtui.cluster.pair.pair import Pair

MOST_HOSTS = 5
"""So many virtual hosts are tried: each has its sessions in the same place."""

SECONDS = 30.0

_WHY = {
    "lost": "second knows the session, and the stanza did not arrive: a module on second, or a "
    "firewall, stops it; see second's log",
    "unseen": "second does not know the session: give sm_db_type and default_ram_db the same value "
    "in both ejabberd.yml (`ejtui config`)",
}


async def routed(pair: Pair, hosts: Sequence[str]) -> list[str]:
    """One line for each host that was tried. Raises StepFailed where a stanza does not arrive.

    The session is of a user that does not exist, and is closed at once. Raises ProbeError.
    """
    first, second = pair.first, pair.second
    for host in hosts[:MOST_HOSTS]:
        seen = await questions.routes(second.probe, first.platform.node, host, SECONDS)
        if seen not in ("arrived", *_WHY):
            # A release of ejabberd that opens sessions in another way is no broken cluster.
            return [f"that a stanza routed on {second.name} arrives was not tried: {clean(seen)}"]
        if seen != "arrived":
            raise StepFailed(
                f"a stanza that {second.name} routed to a session of {host} on {first.name}: "
                f"{_WHY[seen]}"
            )
    tried = ", ".join(hosts[:MOST_HOSTS])
    return [f"a stanza routed on {second.name} reaches a session on {first.name} ({tried})"]
