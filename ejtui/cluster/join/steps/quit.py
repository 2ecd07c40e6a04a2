"""The erl shell on second ends, and Mnesia writes what it has."""

from __future__ import annotations

from ejtui.cluster.acts.act import Command, doing, erl, where
from ejtui.cluster.facts.node import PairFacts, in_words
from ejtui.cluster.join.steps.step import Evidence, Step, StepState, done, todo
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.pair.plan import Plan
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.run.context import StepContext

QUIT = "q()."

QUIT_SECONDS = 600.0
"""Writing large tables to disc takes its time."""


class Quit(Step):
    """Types q(). and waits for the end of the VM."""

    id = "quit"
    after = "tables"
    title = "Leave the erl shell"
    does = "leaves the erl shell"
    reference = "Synchronise Databases: Quit from Mnesia"
    where = "second"
    why = (
        "ejabberd needs the node's name for itself, and only a quit writes all tables to disc. "
        "It may take some time on large tables. A VM that no shell of ejtui's belongs to is "
        "stopped instead."
    )

    def state(self, facts: PairFacts, choices: Choices) -> StepState:
        del choices
        if facts.second.bare_shell and facts.second.started == "ejabberd":
            return todo("a VM that was started as ejabberd runs on second, without ejabberd")
        if facts.second.bare_shell:
            return todo("the erl shell runs on second")
        return done("no erl shell runs on second")

    def commands(self, plan: Plan) -> list[Command]:
        second = plan.at_second
        ends = where(lifecycle.stop_acts(second), "no erl shell of ejtui's runs in it")
        return [erl(second, QUIT), *ends]

    async def run(self, context: StepContext) -> Evidence:
        shell = context.pair.live_shell
        if shell is not None:
            with doing(erl(context.pair.second, QUIT)):
                await shell.quit(QUIT_SECONDS)
            await lifecycle.wait_gone(context.pair.second)
        elif context.facts.second.bare_shell:
            question = lifecycle.end_question(context.facts.second)
            if question is not None:
                await context.ask(question)
            await lifecycle.stop(context.pair.second, context.say)
        facts = await context.refresh()
        return [
            f"second: VM {facts.second.vm}",
            f"first runs {in_words(facts.first.running_db_nodes)}",
        ]
