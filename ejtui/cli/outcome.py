"""The exit code that the nodes' facts give by themselves."""

from __future__ import annotations

from ejtui.cluster.facts import PairFacts


def outcome(facts: PairFacts) -> int:
    """0 when ejabberd runs on both, 1 when not, 3 when a host was not reached."""
    nodes = (facts.first, facts.second)
    if not all(node.reachable for node in nodes):
        return 3
    return 0 if all(node.asked and node.ejabberd for node in nodes) else 1
