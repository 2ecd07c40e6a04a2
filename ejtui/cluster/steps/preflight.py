"""Step 1: both hosts reached, both installed, versions that fit, each node's way to the other."""

from __future__ import annotations

from ..choices import Choices
from ..context import StepContext
from ..cookie_findings import cookie_finding
from ..errors import StepFailed
from ..facts import NodeFacts, PairFacts
from ..finding import Finding
from ..plan import Plan
from ..room import room_findings
from ..ways import preflight_findings
from .step import Command, Evidence, Step, StepState, done, failed

MAX_OTP_DISTANCE = 2
"""So many major releases apart Erlang nodes still talk to each other."""


class Preflight(Step):
    """Looks, and changes nothing."""

    id = "preflight"
    number = 1
    title = "Preflight"
    reference = "Clustered Servers: both installed, resolvable both ways"
    where = "both"
    why = (
        "Nothing is changed before both nodes are installed, fit together and reach each other. "
        "The first layer that is broken is named."
    )
    changes = False

    def state(self, facts: PairFacts, choices: Choices) -> StepState:
        del choices
        for node in (facts.first, facts.second):
            if not node.reachable:
                return failed(f"{node.name} cannot be reached: {node.error}", _unreachable(node))
            if node.error:
                return failed(f"{node.name} cannot be asked: {node.error}", _no_erl(node))
        findings = (
            *_installed(facts),
            *_versions(facts),
            *_first_runs(facts.first),
            *preflight_findings(facts),
        )
        if findings:
            return failed(findings[0].title, *findings)
        return done(
            f"ejabberd {facts.first.ejabberd_version}, OTP {facts.first.otp_release}; "
            "each reaches the other"
        )

    def commands(self, plan: Plan) -> list[Command]:
        del plan
        return []

    async def run(self, context: StepContext) -> Evidence:
        facts = context.facts
        state = self.state(facts, context.choices)
        if state.state == "failed":
            raise StepFailed(state.detail, state.findings)
        seen = [_seen(facts.first), _seen(facts.second), *_reached(facts)]
        short, room = await room_findings(context.pair, facts)
        if short:
            raise StepFailed(short[0].title, short)
        return seen + room


def _seen(node: NodeFacts) -> str:
    running = "running" if node.ejabberd else "not running"
    return (
        f"{node.name}: {node.node}, ejabberd {node.ejabberd_version}, "
        f"OTP {node.otp_release}, {running}"
    )


def _reached(facts: PairFacts) -> Evidence:
    return [
        f"{here.name} reaches {peer.node} at {peer.address}, port {peer.port}"
        for here in (facts.second, facts.first)
        for peer in here.peers.values()
        if peer.passed("tcp") and peer.port
    ]


def _unreachable(node: NodeFacts) -> Finding:
    return Finding("host-unreachable", f"{node.name} cannot be reached", node.name, (node.error,))


def _no_erl(node: NodeFacts) -> Finding:
    return Finding(
        "not-installed",
        f"Erlang does not answer on {node.name}",
        node.name,
        (node.error,),
        "ejtui asks a node through the Erlang that ejabberd itself runs on.",
        f"install ejabberd on {node.name}, or set erl and ejabberdctl in the configuration",
    )


def _installed(facts: PairFacts) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            "not-installed",
            f"ejabberd was not found on {node.name}",
            node.name,
            (f"no ejabberd version is told on {node.name}",),
            "The join is between two ejabberds that are installed and have run once.",
            f"install ejabberd on {node.name}, or set ejabberdctl in the configuration",
        )
        for node in (facts.first, facts.second)
        if not node.ejabberd_version
    )


def _versions(facts: PairFacts) -> tuple[Finding, ...]:
    first, second = facts.first, facts.second
    found = []
    if (
        first.ejabberd_version
        and second.ejabberd_version
        and first.ejabberd_version != second.ejabberd_version
    ):
        found.append(
            Finding(
                "version-differs",
                "the two ejabberds differ in version",
                "both",
                (
                    f"first: ejabberd {first.ejabberd_version}",
                    f"second: ejabberd {second.ejabberd_version}",
                ),
                "Tables of one release are unknown to the other, or have other columns.",
                "bring both to the same release first",
            )
        )
    if _distance(first, second) > MAX_OTP_DISTANCE:
        found.append(
            Finding(
                "otp-distance",
                "the two Erlangs are too far apart",
                "both",
                (f"first: OTP {first.otp_release}", f"second: OTP {second.otp_release}"),
                "Erlang nodes talk to each other over at most two major releases.",
                "upgrade the older one in steps",
            )
        )
    return tuple(found)


def _distance(first: NodeFacts, second: NodeFacts) -> int:
    releases = [node.otp_release for node in (first, second)]
    if not all(release.isdigit() for release in releases):
        return 0
    return abs(int(releases[0]) - int(releases[1]))


def _first_runs(first: NodeFacts) -> tuple[Finding, ...]:
    if first.vm == "rejected":
        return (
            Finding(
                "cookie-mismatch",
                "first's running node refuses the cookie of its own file",
                "first",
                (f"first: cookie file {first.cookie.digits or first.cookie.why}",),
                "The file was changed after ejabberd had started, or ejabberd is started with "
                "another cookie.",
                "restart ejabberd on first, or put back the cookie it was started with",
            ),
        )
    if first.ejabberd and first.mnesia_runs:
        return ()
    if first.vm == "unknown" and not first.cookie.usable:
        return (cookie_finding(first),)
    return (
        Finding(
            "not-connected",
            "ejabberd does not run on first",
            "first",
            (f"first: VM {first.vm}, Mnesia {first.mnesia}, ejabberd not running",),
            "second takes its database from the running first; without it second would be "
            "alone and empty.",
            "start ejabberd on first",
        ),
    )
