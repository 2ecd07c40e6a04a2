"""Step 3: both nodes' names are of one style and distinct, and the handshake succeeds."""

from __future__ import annotations

from ejtui.erlang.names import BadNodeName, NodeName

from ..choices import Choices
from ..context import StepContext
from ..errors import StepFailed
from ..facts import PairFacts
from ..finding import Finding
from ..plan import Plan
from .step import Command, Evidence, Step, StepState, done, failed


class Nodes(Step):
    """Compares the names and shakes hands; changes nothing."""

    id = "nodes"
    number = 3
    title = "Node names"
    reference = "Nodes"
    where = "both"
    why = (
        "Erlang nodes find each other by name: both short or both long, and not the same one. "
        "second's probe shakes hands with first, which proves name, way and cookie at once."
    )
    changes = False

    def state(self, facts: PairFacts, choices: Choices) -> StepState:
        del choices
        findings = (*_names(facts), *_handshake(facts))
        if findings:
            return failed(findings[0].title, *findings)
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


def _names(facts: PairFacts) -> tuple[Finding, ...]:
    names = []
    for node in (facts.first, facts.second):
        try:
            names.append(NodeName.parse(node.node))
        except BadNodeName as bad:
            return (
                Finding("name-style", f"{node.name}'s name is no name", node.name, (str(bad),)),
            )
    first, second = names
    both = (f"first: {facts.first.node}", f"second: {facts.second.node}")
    if facts.first.node == facts.second.node:
        return (
            Finding(
                "name-in-use",
                "both nodes have the same name",
                "both",
                both,
                "Two nodes of one name cannot be in one cluster.",
                "give second a name of its own: ERLANG_NODE in its ejabberdctl.cfg",
            ),
        )
    if first.style != second.style:
        return (
            Finding(
                "name-style",
                "one node has a short name and the other a long one",
                "both",
                both,
                "Erlang nodes with short names and with long names do not talk to each other.",
                "use one style: ERLANG_NODE in ejabberdctl.cfg; ejabberdctl picks by the dot",
            ),
        )
    return _loopback(facts, (first, second), both)


def _loopback(
    facts: PairFacts, names: tuple[NodeName, NodeName], both: tuple[str, ...]
) -> tuple[Finding, ...]:
    if facts.first.hostname == facts.second.hostname:
        return ()
    return tuple(
        Finding(
            "dist-loopback",
            f"{node.name}'s node is named after localhost",
            node.name,
            both,
            "Each machine takes localhost for itself, so the other never finds this node.",
            "name the node after its host: ERLANG_NODE in ejabberdctl.cfg",
        )
        for node, name in zip((facts.first, facts.second), names, strict=True)
        if name.host.partition(".")[0] == "localhost"
    )


def _handshake(facts: PairFacts) -> tuple[Finding, ...]:
    peer = facts.second.peers.get(facts.first.node)
    if peer is None or peer.broken != "handshake":
        return ()
    return (
        Finding(
            peer.code or "cookie-mismatch",
            "first refuses second's handshake",
            "both",
            (
                f"from second: {peer.why}",
                f"first's cookie file: {facts.first.cookie.digits}",
                f"second's cookie file: {facts.second.cookie.digits}",
            ),
            "Name, epmd and port are in order, and the two do not accept each other: first may "
            "run with another cookie than its file has.",
            "restart ejabberd on first, so that it takes the cookie of its file",
        ),
    )
