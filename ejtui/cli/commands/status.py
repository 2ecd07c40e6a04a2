"""`ejtui status`: both nodes side by side, once."""

from __future__ import annotations

import sys
from argparse import Namespace

from ejtui.cli import interrupt
from ejtui.cli.configuration import read_configuration
from ejtui.cli.open_pair import open_pair
from ejtui.cli.render.outcome import health
from ejtui.cli.render.sides import side_by_side
from ejtui.cli.render.signs import signs
from ejtui.cli.result import CommandResult
from ejtui.cluster.facts.node import PairFacts
from ejtui.config import Config


def run(args: Namespace, answer: CommandResult) -> int:
    """Print both nodes; 3 when a host was not reached, 1 when ejabberd does not run on one."""
    facts = interrupt.run(_facts(read_configuration(args)))
    answer.data |= facts.to_json()
    if not answer.json:
        print("\n".join(side_by_side(facts, sign=signs(sys.stdout).differs)))
    return health(facts)


async def _facts(config: Config) -> PairFacts:
    async with open_pair(config) as pair:
        return await pair.refresh()
