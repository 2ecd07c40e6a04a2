"""An ejabberd that is on its way up: what needs it to run waits for it first."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.operations import lifecycle
from ejtui.cluster.operations.patience import AWAITED_SECONDS

if TYPE_CHECKING:
    from ejtui.cluster.run.context import StepContext


async def wait_for_starts(
    context: StepContext, *roles: str, awaited: float = AWAITED_SECONDS
) -> PairFacts:
    """Both nodes, once ejabberd is no longer starting on those of `roles` (without any: on either).

    It is waited for as long as it lives, with the last line of its log; `awaited` is how many
    seconds its tables may wait for a node that is away. That it did not come up is no error here:
    the facts show it.
    """
    facts = await context.refresh()
    for role in roles or ("first", "second"):
        node = context.pair.first if role == "first" else context.pair.second
        if facts.of(role).starting:
            context.say(f"ejabberd is starting on {node.name}: waiting until it runs")
            with suppress(StepFailed):
                await lifecycle.started(node, context.say, awaited)
            facts = await context.refresh()
    return facts
