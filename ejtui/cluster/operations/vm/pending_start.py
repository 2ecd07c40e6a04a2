"""An ejabberd that is on its way up: what needs it to run waits for it first."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ejtui.cluster.acts import service_unit
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.cluster.operations.vm import lifecycle

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.run.context import StepContext


async def wait_for_starts(
    context: StepContext, *roles: str, awaited: float | None = None
) -> PairFacts:
    """Both nodes, once ejabberd is no longer starting on those of `roles` (without any: on either).

    One that systemd is about to start again counts, too. It is waited for as long as it lives, with
    the last line of its log; `awaited` is how many seconds its tables may wait for a node that is
    away (None: the usual bound). One run waits once for that: a node whose tables still wait for
    the same nodes afterwards is not waited for again. That it did not come up is no error here:
    the facts show it.
    """
    facts = await context.refresh()
    for role in roles or ("first", "second"):
        node = context.pair.first if role == "first" else context.pair.second
        if _awaits(facts.of(role)) in context.waited:
            continue
        if why := await _pending(node, facts.of(role)):
            context.say(f"{why} on {node.name}: waiting until it runs")
            with suppress(StepFailed):
                await lifecycle.started(node, context.say, awaited)
            facts = await context.refresh()
            _give_up(context, facts.of(role))
    return facts


def _give_up(context: StepContext, facts: NodeFacts) -> None:
    """Notes that a node's tables were waited for in vain, where they still wait."""
    awaits = _awaits(facts)
    if facts.starting and facts.awaited:
        context.waited.add(awaits)
        away = ", ".join(facts.awaited)
        context.say(f"tables on {facts.name} still wait for {away}: going on without them")


def _awaits(facts: NodeFacts) -> tuple[str, ...]:
    """Which tables a VM waits for, and for whom: one that was given up is known again by it."""
    return (facts.name, facts.os_pid, *facts.awaited, *facts.waiting)


async def _pending(node: Node, facts: NodeFacts) -> str:
    """Why it is to be waited for, "" where it is not."""
    if facts.starting:
        return "ejabberd is starting"
    if not facts.asked or facts.vm != "down" or facts.os_pid:
        return ""
    unit = await service_unit.find(node, "")
    return "systemd starts ejabberd again" if unit is not None and unit.starting else ""
