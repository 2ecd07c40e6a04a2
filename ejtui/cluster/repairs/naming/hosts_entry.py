"""The other host's name with its address in a host's hosts file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui import scripts
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.repairs.tools import erl, settings
from ejtui.erlang.terms.names import NodeName

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.repairs.context import RepairContext

_NO_IPV4 = "no IPv4 address; with IPv6 alone both nodes need -proto_dist inet6_tcp"

_OWN = scripts.erlang(__file__, "own_addresses.eval")
_REACHED = scripts.erlang(__file__, "reached_address.eval")


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
    """The peer's address at which this host finds the peer's node. Raises StepFailed."""
    alive = NodeName.parse(peer.platform.node).name
    env, options = peer.platform.env, " ".join(node.platform.dist_options)
    fixed, family = env.get("ERL_DIST_PORT", "0"), "inet6" if "inet6_" in options else "inet"
    port, *addresses = (await erl.evaluate(peer, _OWN, alive, fixed, family)).split()
    if port == "0":
        raise StepFailed(f"start ejabberd on {peer.name} first, so that its address can be tried")
    epmd = env.get("ERL_EPMD_PORT", "4369") if fixed == "0" else "0"
    found = await erl.evaluate(
        node, _REACHED, epmd, alive, port, *addresses, timeout=5 + 3 * len(addresses)
    )
    if not found:
        tried = ", ".join(addresses) or ("no IPv6 address" if family == "inet6" else _NO_IPV4)
        raise StepFailed(
            f"{node.name} finds {peer.platform.node} at none of {peer.name}'s addresses "
            f"({tried}): give it one that it can reach"
        )
    return found
