"""Erl on second connects to first, and Mnesia runs on both."""

from __future__ import annotations

from ejtui.cluster.acts.act import Command, erl
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.join import erl_shell
from ejtui.cluster.join.steps.step import Evidence, Step, StepState, done, todo
from ejtui.cluster.pair.plan import Plan
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.run.context import StepContext

INFO = "mnesia:info()."


class NodeConfiguration(Step):
    """Opens the live erl shell on second, with first as Mnesia's extra node."""

    # The word for it on the command line, in --json and in journals: it stays as it is. What both
    # ejabberd.yml have loaded is compared by the step "administration".
    id = "config"
    after = "cleandb"
    title = "Node configuration"
    does = "opens an erl shell on second that connects to first"
    reference = "Second: Node Configuration"
    where = "second"
    why = (
        "An Erlang node of second's name connects its empty Mnesia to first's. The prompt comes "
        "before the connection, so both nodes are asked until each reports that both run. A "
        "dropped connection does not end this erl: run_erl keeps it, and the next ejtui attaches "
        f"to it again, and without one it ends automatically after "
        f"{erl_shell.ABANDONED_SECONDS // 60} min."
    )

    def state(self, facts: PairFacts, choices: Choices) -> StepState:
        del choices
        if facts.both_run:
            return done("Mnesia on both nodes reports that both run")
        if facts.member:
            return done("second comes back as a member of first's database")
        if not facts.second.mnesia_runs:
            return todo("second's Mnesia does not run yet")
        return todo(f"second's Mnesia runs with {_names(facts.second.running_db_nodes)}")

    def commands(self, plan: Plan) -> list[Command]:
        needed = erl_shell.needed_commands(plan)
        opens = needed or [erl_shell.open_command(plan.at_second, plan.first.node)]
        return [*opens, erl(plan.at_second, INFO)]

    async def run(self, context: StepContext) -> Evidence:
        await erl_shell.ensure_connected(context)
        if context.pair.live_shell is not None:
            await context.type(INFO)
        return [*erl_shell.running_lists(context.facts), *_kept(context.facts)]


def _kept(facts: PairFacts) -> Evidence:
    second = facts.second
    if second.kept_erl is not None:
        return [f"second: the erl outlives its connection, kept below {second.kept_erl.place}"]
    if second.bare_shell:
        return ["second: the erl ends with its connection: there is no run_erl to keep it"]
    return []


def _names(nodes: tuple[str, ...]) -> str:
    return ", ".join(nodes) or "nobody"
