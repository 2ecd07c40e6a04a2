"""What every run leaves in the journal: its nodes, and each command that it runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ejtui.cluster.acts.act import Command, noted
from ejtui.cluster.facts.node import NodeFacts
from ejtui.cluster.journal import ROLES, Entry, Journal
from ejtui.cluster.pair.node import Node
from ejtui.cluster.pair.pair import Pair
from ejtui.processes import lifetime


@contextmanager
def commands_noted(journal: Journal, step: str) -> Iterator[None]:
    """Each act inside is in the journal with its host, user and text, before it is done."""

    def note(command: Command) -> None:
        journal.write(
            Entry.RAN,
            step=step,
            host=command.host,
            user=command.as_user,
            place=command.place,
            text=command.text,
        )

    with noted(note):
        yield


def note_hosts(journal: Journal, pair: Pair) -> None:
    """Which hosts these are, where that is not noted yet; before anything is noted of a run.

    A host whose key is another is another host at the same address.
    """
    noted = journal.host_keys()
    nodes = zip(ROLES, (pair.first, pair.second), strict=True)
    found = {role: (node, node.host_key) for role, node in nodes}
    fresh = {
        role: {"name": node.name, "key": key, "former": noted.get(role, "")}
        for role, (node, key) in found.items()
        if key and key != noted.get(role)
    }
    if fresh:
        journal.write(Entry.HOSTS, **fresh)


def note_nodes(journal: Journal, pair: Pair) -> None:
    """Which nodes these are: names, releases, hosts, and as whom ejtui is there."""
    journal.write(
        Entry.NODES,
        first=_node(pair.first, pair.facts.first),
        second=_node(pair.second, pair.facts.second),
        lifetime=lifetime(),
    )


def _node(node: Node, facts: NodeFacts) -> dict[str, str]:
    platform = node.known_platform
    return {
        "name": node.name,
        "node": facts.node or (platform.node if platform else ""),
        "hostname": facts.hostname,
        "where": node.where,
        "become": "" if node.config.become == "none" else node.config.become,
        "service_user": (platform.service_user or "") if platform else "",
        "platform": platform.kind if platform else "",
        "ejabberd": facts.ejabberd_version,
        "otp": facts.otp_release,
        "trouble": facts.error,
    }
