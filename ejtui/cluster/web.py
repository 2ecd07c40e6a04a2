"""Where the web admin is to be found, for the last line of a join."""

from __future__ import annotations

from .pair import Pair

DOCUMENTED = ":5280/admin/nodes/"


async def admin_lines(pair: Pair) -> list[str]:
    """The web admin's address on each node, where the document says it is."""
    return [
        f"web admin of {node.name}: http://{_host(node.platform.node)}{DOCUMENTED}"
        for node in (pair.first, pair.second)
    ]


def _host(node: str) -> str:
    return node.partition("@")[2]
