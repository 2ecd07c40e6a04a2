"""What a running ejabberd loads along with an edit: its file is loaded as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ejtui.cleaning import clean
from ejtui.cluster.diagnosis.next_settings import may_differ, next_settings

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

_UNKNOWN = "whatever else was changed in it, which its reader does not take now"
_RUNS = "runs"


async def loads_too(node: Node, edited: Sequence[str]) -> tuple[str, ...]:
    """The options that are changed in the file of a running node, and that it has not loaded.

    Without those that are edited now.
    """
    if not node.facts.ejabberd or not await may_differ(node):
        return ()
    file = await next_settings(node)
    if not file.asked:
        return (_UNKNOWN,)
    return tuple(dict.fromkeys(named(file.changed, edited)))


def named(changed: Sequence[tuple[str, str]], edited: Sequence[str]) -> list[str]:
    """What is changed as names for people, without what is edited; some may be there twice."""
    options = [each.partition(" ")[0].partition("@")[0] for each in edited]
    modules = {name.partition(".")[0] for name, _ in changed if name.endswith(f".{_RUNS}")}
    names = []
    for name, host in changed:
        module, _, _ = name.partition(".")
        shown = module if module in modules else name
        if not any(about(shown, each) for each in options):
            names.append(clean(f"{shown} of {host}" if host and host != _one(changed) else shown))
    return names


def about(name: str, option: str) -> bool:
    """Whether what is changed under that name is the option, a part of it or what it is part of."""
    return name == option or name.startswith(f"{option}.") or option.startswith(f"{name}.")


def _one(changed: Sequence[tuple[str, str]]) -> str:
    """The virtual host, where all that changed is of one."""
    hosts = {host for _, host in changed if host}
    return hosts.pop() if len(hosts) == 1 else ""
