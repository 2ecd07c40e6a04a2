"""`ejtui plan`: every step with its state and its exact commands; changes nothing."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from functools import partial

from ejtui.cli import interrupt
from ejtui.cli.configuration import addressed, read_configuration
from ejtui.cli.open_pair import open_pair
from ejtui.cli.render.outcome import fill, reached
from ejtui.cli.render.signs import signs
from ejtui.cli.render.steps_text import checklist_lines
from ejtui.cli.render.waiting import WaitingLine
from ejtui.cli.result import CommandResult
from ejtui.cluster.diagnosis.own_settings import compare_loaded
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.join import checklist
from ejtui.cluster.join.checklist import StepStatus
from ejtui.config import Config


def run(args: Namespace, answer: CommandResult) -> int:
    """Print the checklist; 1 when a step has failed, 3 when a host was not reached."""
    facts, views = interrupt.run(_looked_at(read_configuration(args)))
    fill(answer, facts, views)
    if not answer.json:
        worded = partial(addressed, args=args)
        print("\n".join(checklist_lines(views, signs(sys.stdout), worded)))
    if not reached(facts):
        return 3
    return 1 if any(view.state.state == "failed" for view in views) else 0


async def _looked_at(config: Config) -> tuple[PairFacts, Sequence[StepStatus]]:
    async with open_pair(config) as pair:
        with WaitingLine(sys.stderr).waiting("asking both nodes"):
            await pair.refresh()
            facts = await compare_loaded(pair)
        return facts, checklist.views(pair, facts)
