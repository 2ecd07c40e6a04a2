"""`ejtui status`: the pair's state, and both nodes side by side, once."""

from __future__ import annotations

import sys
from argparse import Namespace
from functools import partial

from ejtui.cli import interrupt
from ejtui.cli.configuration import addressed, read_configuration
from ejtui.cli.open_pair import open_pair
from ejtui.cli.render.condition_text import condition_lines
from ejtui.cli.render.outcome import verdict
from ejtui.cli.render.sides import side_by_side
from ejtui.cli.render.signs import signs
from ejtui.cli.render.waiting import WaitingLine
from ejtui.cli.result import CommandResult
from ejtui.cluster.condition.condition import known_of
from ejtui.cluster.condition.situations import condition
from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.join.check import check
from ejtui.config import Config


def run(args: Namespace, answer: CommandResult) -> int:
    """Print the pair's state and both nodes.

    3 when a host was not reached; 1 when ejabberd does not run on one, the pair is broken, or a
    join or a rollback stands half done; 0 also where the two are not joined.
    """
    seen = interrupt.run(_checked(read_configuration(args)))
    facts, state = seen.facts, condition(seen.facts, known_of(seen))
    answer.data |= {**facts.to_json(), "joined": state.joined, "pair": state.to_json()}
    if not answer.json:
        print("\n".join(condition_lines(state, partial(addressed, args=args))))
        print()
        print("\n".join(side_by_side(facts, sign=signs(sys.stdout).differs)))
    return verdict(seen, state)


async def _checked(config: Config) -> Diagnosis:
    async with open_pair(config) as pair:
        with WaitingLine(sys.stderr).waiting("asking both nodes"):
            return await check(pair)
