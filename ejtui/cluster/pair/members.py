"""The members of the cluster beyond the pair: which of them the configuration knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ejtui.cluster.facts.examination import MemberFacts
from ejtui.config import HostConfig


def with_names(
    members: Iterable[MemberFacts], others: Mapping[str, HostConfig]
) -> tuple[MemberFacts, ...]:
    """The members with their names in the configuration; `others` are its nodes by name."""
    return tuple(replace(member, name=_name(member.node, others)) for member in members)


def _name(node: str, others: Mapping[str, HostConfig]) -> str:
    host = node.partition("@")[2]
    return next((name for name, config in others.items() if _is(config, node, host)), "")


def _is(config: HostConfig, node: str, host: str) -> bool:
    """By the node's name where the configuration gives it, else by its host's."""
    given = config.overrides.get("node")
    if given is not None:
        return given == node
    address = config.address
    return host in (config.name, config.overrides.get("hostname"), address, address.split(".")[0])
