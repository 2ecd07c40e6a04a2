"""Both hosts reached, both installed, versions that fit, each node's way to the other."""

from __future__ import annotations

import contextlib

from ejtui.cluster.acts.act import Command
from ejtui.cluster.backups import folders
from ejtui.cluster.diagnosis.diagnose import findings, stopping
from ejtui.cluster.diagnosis.look import look
from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.diagnosis.rules.connection.hosts import room_lines
from ejtui.cluster.errors import StepFailed, WaitedTooLong
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps.cleandb import fixed_paths
from ejtui.cluster.join.steps.step import Evidence, Step, StepState, done, failed, todo
from ejtui.cluster.operations import agreement
from ejtui.cluster.operations.files import cookie_file
from ejtui.cluster.operations.vm.pending_start import wait_for_starts
from ejtui.cluster.pair import fixed_files
from ejtui.cluster.pair.plan import Plan
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.polling import until
from ejtui.cluster.run.context import StepContext

PASSING_SECONDS = 15.0
"""So long a second that is neither up nor down may take to become one of them."""


class Preflight(Step):
    """Looks, and changes nothing."""

    id = "preflight"
    after = ""
    title = "Preflight"
    does = "checks both installations, their releases, and whether each host reaches the other"
    reference = "both installed, resolvable both ways"
    where = "both"
    why = (
        "Nothing is changed before both nodes are installed, fit together and reach each other. "
        "What is wrong is named by its code, the deepest cause first."
    )
    changes = False

    def state(self, facts: PairFacts, choices: Choices) -> StepState:
        del choices
        found = stopping(findings(facts), passing=False)
        if found:
            return failed(found[0].title, *found)
        if facts.first.starting:
            return todo("ejabberd is starting on first")
        return done(
            f"ejabberd {facts.first.ejabberd_version}, OTP {facts.first.otp_release}; "
            "each reaches the other"
        )

    def commands(self, plan: Plan) -> list[Command]:
        del plan
        return []

    async def run(self, context: StepContext) -> Evidence:
        """The whole check, once: what the facts alone do not show stops the join here, too."""
        seen, pair = await _settled(context), context.pair
        found = stopping(seen.findings)
        if found:
            if found[0].code == "dir-not-writable":
                node = pair.first if found[0].node == "first" else pair.second
                await fixed_files.refuse(node, [f"{node.platform.spool_dir}/"])
            raise StepFailed(found[0].title, found)
        await _refuse_fixed(context)
        await agreement.before_join(context, Case(seen.facts, seen.examined))
        facts = await context.refresh()
        return [
            _seen(facts.first),
            _seen(facts.second),
            *_reached(facts),
            *room_lines(Case(seen.facts, seen.examined)),
            *(_named(finding) for finding in seen.findings),
        ]


async def _refuse_fixed(context: StepContext) -> None:
    """Raises StepFailed where nobody can change a file that the join replaces or moves."""
    first, second, facts = context.pair.first, context.pair.second, context.facts
    if facts.first_keeps_second and facts.both_run:
        return
    differ = facts.first.cookie.sha256 != facts.second.cookie.sha256
    cookie = [cookie_file.path(second.platform)] if differ else []
    await fixed_files.refuse(first, [f"{folders.root(first.platform)}/"])
    await fixed_files.refuse(second, [*cookie, *fixed_paths(second)])


async def _settled(context: StepContext) -> Diagnosis:
    """What the check finds once no start or stop of second is still running."""
    await wait_for_starts(context, awaited=PASSING_SECONDS)
    seen = await look(context.pair)
    passing = _passing(seen)
    if not passing:
        return seen
    context.say(f"{passing[0].title}: it may be starting or stopping, waiting for that to end")
    with contextlib.suppress(WaitedTooLong):
        await until(
            lambda: look(context.pair),
            lambda now: not _passing(now),
            what="second to be up or down",
            seconds=PASSING_SECONDS,
        )
    return await look(context.pair)


def _passing(seen: Diagnosis) -> tuple[Finding, ...]:
    """What stops a join now and may be gone in a moment without a repair."""
    found = stopping(seen.findings)
    lasting = stopping(seen.findings, passing=False)
    return () if lasting else found


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


def _named(finding: Finding) -> str:
    after = f"; step {finding.repaired_by} repairs it" if finding.repaired_by else ""
    return f"{finding.code} on {finding.node}: {finding.title}{after}"
