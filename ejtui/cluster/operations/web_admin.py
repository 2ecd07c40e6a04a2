"""Where the web admin is to be found, for the last lines of a join."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.pair import Pair

DOCUMENTED = (5280, False, "/admin")
"""Port, TLS and path as the document has them."""


async def admin_lines(pair: Pair) -> list[str]:
    """The web admin's page of the nodes, at each node that serves one."""
    return [line for node in (pair.first, pair.second) for line in await _of(node)]


async def _of(node: Node) -> list[str]:
    try:
        served = await questions.listeners(node.probe)
    except ProbeError:
        return [f"web admin of {node.name}, where the document has it: {_url(node, *DOCUMENTED)}"]
    return [f"web admin of {node.name}: {_url(node, *listener)}" for listener in served]


def _url(node: Node, port: int, tls: bool, path: str) -> str:
    host = node.platform.node.partition("@")[2]
    return f"http{'s' if tls else ''}://{host}:{port}{path}/nodes/"
