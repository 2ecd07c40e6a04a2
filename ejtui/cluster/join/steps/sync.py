"""Second's copy of the schema goes to disc, which makes the membership last."""

from __future__ import annotations

from ejtui.cluster.acts.act import Command, asked, erl
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.node import DISC, PairFacts, in_words
from ejtui.cluster.join import erl_shell
from ejtui.cluster.join.steps.step import Evidence, Step, StepState, done, todo
from ejtui.cluster.pair.plan import Plan
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.run.context import StepContext
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import nodes
from ejtui.erlang.terms.etf import Atom

SCHEMA_TO_DISC = "mnesia:change_table_copy_type(schema, node(), disc_copies)."


class Synchronise(Step):
    """Changes the schema's copy on second from RAM to disc."""

    id = "sync"
    after = "config"
    title = "Synchronise schema"
    does = "writes the schema to second's disk, so that it stays a member"
    reference = "Synchronise Databases"
    where = "second"
    why = (
        "Writes the schema to disc so that second stays a member after a restart. Never run "
        "before both nodes report that both run: it would write a schema of second alone."
    )

    def state(self, facts: PairFacts, choices: Choices) -> StepState:
        del choices
        if not facts.first_keeps_second:
            return todo("first does not list second's schema on disc")
        if facts.second.mnesia_runs and facts.second.schema.storage != DISC:
            return todo("second's schema is not on disc")
        return done("first reports that second has the schema on disc")

    def commands(self, plan: Plan) -> list[Command]:
        typed = [erl(plan.at_second, text) for text in (SCHEMA_TO_DISC, "mnesia:info().")]
        return [*erl_shell.needed_commands(plan), *typed]

    async def run(self, context: StepContext) -> Evidence:
        facts = await erl_shell.ensure_connected(context)
        if not self.state(facts, context.choices).done:
            if facts.second.ejabberd:
                await _change(context)
            else:
                answer = await context.type(SCHEMA_TO_DISC)
                if "{atomic,ok}" not in answer and "already_exists" not in answer:
                    raise StepFailed(f"{SCHEMA_TO_DISC} answered {' '.join(answer.split())}")
            facts = await context.until(
                lambda now: self.state(now, context.choices).done,
                "first to list second among the schema's disc copies",
            )
        if context.pair.live_shell is not None:
            await context.type("mnesia:info().")
        if facts.second.schema.cookie != facts.first.schema.cookie:
            raise StepFailed("second's schema on disc is not first's")
        return [
            f"first: schema disc_copies {in_words(facts.first.schema.disc_copies)}",
            f"second: schema {facts.second.schema.storage}, the same schema cookie",
        ]


async def _change(context: StepContext) -> None:
    """The same change through the probe, where ejabberd runs on second and no erl shell."""
    second = context.pair.second
    [node] = nodes([second.platform.node])
    arguments = [Atom("schema"), node, Atom(DISC)]
    act = asked(second, SCHEMA_TO_DISC, questions.change, "change_table_copy_type", arguments)
    end: questions.Change = await act.run(second)
    if not end.made:
        raise StepFailed(f"{SCHEMA_TO_DISC} on second: {end.reason}")
