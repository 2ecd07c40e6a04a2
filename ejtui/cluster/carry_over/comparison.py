"""What both nodes have loaded of their ejabberd.yml, compared."""

from __future__ import annotations

import asyncio

from ejtui.cluster.administration.agreement import agreements
from ejtui.cluster.administration.compare import compare, summary
from ejtui.cluster.administration.difference import Difference
from ejtui.cluster.carry_over.pending_file import ways_on
from ejtui.cluster.diagnosis.own_settings import of_second, with_file
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.settings import NodeSettings
from ejtui.cluster.pair.pair import Pair


async def loaded(pair: Pair) -> tuple[Difference, ...]:
    """What both have loaded, compared; of a second that is stopped what its file has.

    Raises StepFailed where one does not answer, and where that file cannot be read.
    """
    return _differences(pair, *await _asked(pair))


async def with_ways_on(pair: Pair) -> tuple[tuple[Difference, ...], str]:
    """The same, and a sentence about a file of second's that is not loaded. Raises StepFailed."""
    first, second = await _asked(pair)
    found = _differences(pair, first, second)
    return found, await ways_on(pair, second, found)


async def side_by_side(pair: Pair) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
    """What differs, which the pair then knows, and what is the same. Raises StepFailed as above."""
    first, second = await _asked(pair)
    found = _differences(pair, first, second)
    pair.administration = summary(found)
    differing = {(each.option, each.host) for each in found}
    same = agreements(first, second)
    return found, tuple(each for each in same if (each.option, each.host) not in differing)


def _differences(pair: Pair, here: NodeSettings, there: NodeSettings) -> tuple[Difference, ...]:
    first, second = pair.facts.first, pair.facts.second
    return compare(here, there, one_release=first.ejabberd_version == second.ejabberd_version)


async def _asked(pair: Pair) -> tuple[NodeSettings, NodeSettings]:
    first, second = await asyncio.gather(with_file(pair.first), of_second(pair.second))
    if second.refused:
        raise StepFailed(
            f"ejabberd on {pair.second.name} is stopped, and its own reader refuses "
            f"{pair.second.platform.config_file}: {second.why or 'start it there to see why'}; "
            "correct the file"
        )
    for node, each in ((pair.first, first), (pair.second, second)):
        if not each.asked:
            raise StepFailed(
                f"ejabberd on {node.name} has not loaded its settings, or does not answer: wait "
                "until it has started, start it, or see `ejtui check`"
            )
    return first, second


async def still_differing(pair: Pair) -> tuple[tuple[Difference, ...], str]:
    """What differs now, and "": or nothing, and why that could not be asked."""
    try:
        await pair.refresh()
        return await loaded(pair), ""
    except StepFailed as error:
        return (), str(error)
