"""Both nodes' names are of one style and distinct, and the handshake succeeds."""

from __future__ import annotations

from ejtui.cluster.acts.act import Command
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.diagnosis.rules.connection import cookies, names
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.join.steps.step import Evidence, Step, StepState, done, failed
from ejtui.cluster.pair.plan import Plan
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.run.context import StepContext


class Nodes(Step):
    """Compares the names and shakes hands; changes nothing."""

    id = "nodes"
    after = "cookies"
    title = "Node names"
    does = "compares the node names and connects once"
    reference = "Nodes"
    where = "both"
    why = (
        "Erlang nodes find each other by name: both short or both long, and not the same one. "
        "second's probe shakes hands with first, which proves name, way and cookie at once."
    )
    changes = False

    def state(self, facts: PairFacts, choices: Choices) -> StepState:
        del choices
        case = Case(facts)
        found = [finding for rule in _RULES for finding in rule(case)]
        if found:
            return failed(found[0].title, found[0])
        return done(f"{facts.first.node} and {facts.second.node}")

    def commands(self, plan: Plan) -> list[Command]:
        del plan
        return []

    async def run(self, context: StepContext) -> Evidence:
        facts = await context.refresh()
        state = self.state(facts, context.choices)
        if state.state == "failed":
            raise StepFailed(state.detail, state.findings)
        return [
            f"first is {facts.first.node}, second is {facts.second.node}",
            f"second's probe shook hands with {facts.first.node}",
        ]


_RULES = (
    names.name_style,
    names.one_short_name,
    names.both_localhost,
    names.same_name,
    names.named_localhost,
    cookies.handshake,
)
