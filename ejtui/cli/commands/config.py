"""`ejtui config`: what both ejabberds have loaded, compared; changes nothing."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence

from ejtui.cleaning import clean
from ejtui.cli import interrupt
from ejtui.cli.configuration import read_configuration
from ejtui.cli.open_pair import open_pair
from ejtui.cli.render.text import wrapped
from ejtui.cli.result import CommandResult
from ejtui.cluster.administration.compare import Difference, compare
from ejtui.cluster.diagnosis.own_settings import settings
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.settings import NodeSettings
from ejtui.cluster.pair.pair import Pair
from ejtui.config import Config


def run(args: Namespace, answer: CommandResult) -> int:
    """Print what differs; 0 where nothing that matters does, 1 where something does.

    1 also where ejabberd does not run on both nodes, and 3 when a host was not reached.
    """
    differences = interrupt.run(_compared(read_configuration(args)))
    answer.data["differences"] = [each.to_json() for each in differences]
    answer.data["changed"] = False
    if not answer.json:
        print("\n".join(difference_lines(differences)))
    return 1 if differences else 0


async def _compared(config: Config) -> tuple[Difference, ...]:
    async with open_pair(config) as pair:
        for node in (pair.first, pair.second):
            if node.trouble is not None:
                raise node.trouble
        facts = await pair.refresh()
        same = facts.first.ejabberd_version == facts.second.ejabberd_version
        return compare(*await _loaded(pair), one_release=same)


async def _loaded(pair: Pair) -> list[NodeSettings]:
    """What both have loaded. Raises StepFailed where one does not answer."""
    loaded = [await settings(node) for node in (pair.first, pair.second)]
    for node, seen in zip((pair.first, pair.second), loaded, strict=True):
        if not seen.asked:
            raise StepFailed(
                f"ejabberd on {node.name} does not answer what it has loaded: start it, or see "
                "`ejtui check`"
            )
    return loaded


def difference_lines(differences: Sequence[Difference]) -> Iterator[str]:
    """Each difference with what follows from it, no line wider than a terminal."""
    for each in differences:
        mark = "stops a join" if each.meaning.serious else "a warning"
        yield from wrapped(clean(each.line), "", "  ")
        yield from wrapped(f"{each.meaning.code}, {mark}: {clean(each.meaning.text)}", "  ")
    if differences:
        count = len(differences)
        yield f"{count} difference{'' if count == 1 else 's'} between first and second."
    else:
        yield "Both nodes have loaded the same, in what matters to a cluster."
