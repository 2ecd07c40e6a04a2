"""The other host's name with its address in a host's hosts file."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from ejtui import scripts
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.polling import until
from ejtui.cluster.repairs.tools import erl, settings
from ejtui.erlang.terms.names import NodeName

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.repairs.context import RepairContext

_NO_IPV4 = "no IPv4 address; with IPv6 alone both nodes need -proto_dist inet6_tcp"

_OWN = scripts.erlang(__file__, "own_addresses.eval")
_REACHED = scripts.erlang(__file__, "reached_address.eval")
_STAND_IN = scripts.erlang(__file__, "stand_in.eval")

_NAME = "ejtui_address"
"""What stands for a node that does not run, at its host's epmd."""

_STANDS_SECONDS = 30
_LOWEST, _HIGHEST = 1024, 65535


async def add_entry(context: RepairContext, node: Node, peer: Node) -> str:
    """The peer's host name with its address in the node's hosts file. Raises StepFailed."""
    host = NodeName.parse(peer.platform.node).host
    address = await _address_of_peer(node, peer)
    done = await settings.host_entry(context, node, address, host, _wrong(node, peer))
    await context.refresh()
    way = node.facts.peers.get(peer.platform.node)
    if way is None or not way.passed("resolve"):
        raise StepFailed(
            f"{host} still does not resolve on {node.name}: "
            f"{way.why if way else 'not asked'}; its resolver does not read {settings.HOSTS}"
        )
    return done


def _wrong(node: Node, peer: Node) -> list[str]:
    """The address of a third host, to which the peer's name leads this one."""
    way = node.facts.peers.get(peer.platform.node)
    strange = way is not None and peer.facts.is_another_vm(way.os_pid, way.schema)
    return [way.address] if way is not None and strange and way.address else []


async def _address_of_peer(node: Node, peer: Node) -> str:
    """The peer's address at which this host finds the peer's node. Raises StepFailed.

    Where that node does not run, something stands there for it meanwhile.
    """
    alive = NodeName.parse(peer.platform.node).name
    port, *addresses = await _listens(node, peer, alive)
    if port != "0":
        found = await _reached(node, peer, alive, port, addresses)
    else:
        async with _stand_in(node, peer) as (alive, port):
            found = await _reached(node, peer, alive, port, addresses)
    if not found:
        none = "no IPv6 address" if _family(node) == "inet6" else _NO_IPV4
        raise StepFailed(
            f"{node.name} finds {peer.platform.node} at none of {peer.name}'s addresses "
            f"({', '.join(addresses) or none}): give it one that it can reach"
        )
    return found


def _family(node: Node) -> str:
    return "inet6" if "inet6_" in " ".join(node.platform.dist_options) else "inet"


def _fixed(peer: Node) -> str:
    """The port that the peer's settings fix in epmd's place; 0 where there is none."""
    return peer.platform.env.get("ERL_DIST_PORT", "0")


async def _listens(node: Node, peer: Node, alive: str) -> list[str]:
    """The port at which that name listens on the peer (0: nowhere), and the peer's addresses."""
    return (await erl.evaluate(peer, _OWN, alive, _fixed(peer), _family(node))).split()


async def _reached(node: Node, peer: Node, alive: str, port: str, addresses: Sequence[str]) -> str:
    """The first of the addresses at which the host finds that name or port, "" for none."""
    epmd = peer.platform.env.get("ERL_EPMD_PORT", "4369") if _fixed(peer) == "0" else "0"
    return await erl.evaluate(
        node, _REACHED, epmd, alive, port, *addresses, timeout=5 + 3 * len(addresses)
    )


@asynccontextmanager
async def _stand_in(node: Node, peer: Node) -> AsyncIterator[tuple[str, str]]:
    """Something with a name at the peer's epmd, or at its fixed port: that name and port.

    The port at epmd is a number that nothing else there has. Raises StepFailed where it cannot be.
    """
    fixed = _fixed(peer)
    number = str(_LOWEST + secrets.randbelow(_HIGHEST - _LOWEST))
    port, by = (number, "epmd") if fixed == "0" else (fixed, "port")
    words = (_NAME, port, by, str(_STANDS_SECONDS))
    stands = asyncio.create_task(erl.evaluate(peer, _STAND_IN, *words, timeout=_STANDS_SECONDS + 5))

    async def there() -> bool:
        return (await _listens(node, peer, _NAME))[0] == port

    try:
        await until(
            there,
            lambda seen: seen or stands.done(),
            what=f"{peer.name}'s epmd to know {_NAME}",
            seconds=_STANDS_SECONDS,
            poll=0.1,
        )
        if stands.done():
            raise StepFailed(
                f"start ejabberd on {peer.name} first, so that its address can be tried: "
                f"nothing else can stand for it ({stands.result()})"
            )
        yield _NAME, port
    finally:
        stands.cancel()
        with suppress(asyncio.CancelledError):
            await stands
