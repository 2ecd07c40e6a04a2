"""Repairing one finding: look, refuse what is not so, keep, ask, do, and look again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from ejtui import paths
from ejtui.cluster.acts import unit_mask
from ejtui.cluster.acts.act import Command, watched
from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.errors import ClusterError, LockHeld, LockLost, StepFailed
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.check import check
from ejtui.cluster.journal import Journal
from ejtui.cluster.operations.files import no_room
from ejtui.cluster.operations.vm.pending_start import wait_for_starts
from ejtui.cluster.pair.lock import PairLock
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.question import AskOperator, Question
from ejtui.cluster.repairs import final_check
from ejtui.cluster.repairs.context import RepairContext
from ejtui.cluster.repairs.gone import FindingGone
from ejtui.cluster.repairs.registry import repairs, why_none
from ejtui.cluster.repairs.repair import Repair, side
from ejtui.cluster.repairs.tools import changed_files, service
from ejtui.cluster.repairs.tools.unfinished import begin, find_interrupted, resumed
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.run.events import Emit, Event, FactsChanged, Finished, StepEnded, StepStarted
from ejtui.cluster.run.noted_run import commands_noted, note_hosts, note_nodes
from ejtui.cluster.run.operation import repair_of
from ejtui.cluster.run.record import record
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.shell.shell import ShellError
from ejtui.hosts import HostError

STALE_SECONDS = 2.0
"""An answer that took longer may be about what is so no more."""


@dataclass(frozen=True)
class Preview:
    """What a repair would do, for showing; `why_none` is why there is none, "" when there is.

    `backup` is what it keeps first and where, "" when nothing of that kind is touched.
    """

    title: str
    commands: tuple[Command, ...]
    cannot_undo: str
    why_none: str = ""
    backup: str = ""

    def to_json(self) -> dict[str, object]:
        return {
            "title": self.title,
            "commands": [asdict(command) for command in self.commands],
            "cannot_undo": self.cannot_undo,
            "backup": self.backup,
        }


_ONE_NODE = (
    "first and second are the same node of one host; there is nothing to repair. Give the other "
    "host: `ejtui setup`"
)


def preview(pair: Pair, finding: Finding) -> Preview:
    """What the repair of this finding would run, where and as whom."""
    repair, plan = repairs().get(finding.code), pair.plan()
    if pair.facts.one_node:
        return Preview("no repair", (), "", _ONE_NODE)
    if repair is None:
        return Preview("no repair", (), "", why_none(finding.code))
    if plan is None:
        return Preview(repair.title, (), repair.cannot_undo, "a host has not been reached")
    at = side(plan, finding)
    return Preview(
        repair.title,
        tuple(repair.commands(plan, finding)),
        repair.cannot_undo,
        backup=f"{repair.keeps}, in {repair.kept_in(at)} on {at.name}" if repair.keeps else "",
    )


async def repair(
    pair: Pair,
    code: str,
    asks: AskOperator,
    emit: Emit,
    *,
    node: str | None = None,
    lock: PairLock | None = None,
    shows: Callable[[Finding, Preview], None] = lambda *_: None,
    confirms: bool = False,
) -> Diagnosis:
    """Repairs the finding of this code (on `node`, where several have it) and checks again.

    `shows` gets the finding and what will be run, before anything is asked or done. With
    `confirms` a repair without its own question is asked about too.

    A repair of this code that was broken off goes on although other things are wrong by then.
    Returns the check after it, in which that finding is gone. `lock` is the runner's own, when
    it holds it. Raises StepFailed when the check does not find it, when there is no repair, when
    first and second look swapped, or when it is still there afterwards; Refused; LockHeld.
    """
    journal = Journal(paths.journal_file(pair.name), pair.name)
    operation = repair_of(code)

    def report(event: Event) -> None:
        emit(event)
        record(journal, event)

    note_hosts(journal, pair)
    report(StepStarted(operation))
    try:
        before = await check(pair)
        note_nodes(journal, pair)
        emit(FactsChanged(before.facts))
        if before.facts.starts and before.finding(code, node) is None:
            waiting = StepContext(operation, pair, before.facts, asks, emit, journal)
            before = await _once_started(waiting)
        if before.facts.one_node:
            raise StepFailed(_ONE_NODE)
        finding = finding_to_repair(before, code, node, journal)
        shows(finding, preview(pair, finding))
        if repairs()[code].needs_first:
            refuse_stopped_first(before.facts)
        if repairs()[code].replaces_second(finding):
            refuse_swapped(before.facts)
        lock = lock or PairLock(pair)
        context = RepairContext(finding, pair, before.facts, asks, emit, journal, lock)
        with commands_noted(journal, operation.id):
            again = f"ejtui repair {code} --node {finding.node}"
            async with no_room.explained(context, again):
                evidence, after = await _run_repair(context, before, confirms)
    except BaseException as error:
        findings = error.findings if isinstance(error, StepFailed) else ()
        report(StepEnded(operation, "failed", str(error) or type(error).__name__, (), findings))
        emit(Finished(False))
        raise
    rest = ", ".join(finding.code for finding in after.findings)
    detail = f"{code} is repaired; still found: {rest}" if rest else f"{code} is repaired"
    report(StepEnded(operation, "done", detail, evidence))
    emit(Finished(True))
    return after


async def _once_started(context: StepContext) -> Diagnosis:
    """The check when no ejabberd is on its way up any more."""
    await wait_for_starts(context)
    return await check(context.pair)


async def _run_repair(
    context: RepairContext, before: Diagnosis, confirms: bool
) -> tuple[tuple[str, ...], Diagnosis]:
    """The evidence of the repair, and the check after it."""
    try:
        evidence = await _run(context, repairs()[context.finding.code], confirms)
    finally:
        if context.lock.held:
            with watched(lambda _: None):  # It takes back what a repair did, if anything.
                await unit_mask.release(context.pair.second)
        await context.lock.release()
    after = await final_check.settled(context, before)
    context.emit(FactsChanged(after.facts))
    return tuple(evidence), after


async def _run(context: RepairContext, chosen: Repair, confirms: bool) -> list[str]:
    """Asks what it takes, then does it. Whatever lies below it fails as a failed step."""
    if chosen.locks:
        context.lock.forget()
        await context.lock.take(context.id)
        context.guard = context.lock
    try:
        await context.take_stamp()
        await changed_files.refuse_fixed(context, chosen.changes)
        question = await chosen.takes(context)
        if question is None and confirms:
            question = _confirmation(context.finding, chosen)
        if question is not None:
            asked = time.monotonic()
            await context.ask(question)
            if time.monotonic() - asked >= STALE_SECONDS:
                await _still_found(context)
        begin(context.journal, context.id, context.finding)
        return await _repaired(context, chosen)
    except (ShellError, ProbeError, HostError) as error:
        raise StepFailed(f"{chosen.title}: {error}") from error


async def _still_found(context: RepairContext) -> None:
    """Looks again after the question: who was asked may have repaired it meanwhile.

    Raises StepFailed where it is gone; a repair that was broken off goes on.
    """
    finding = context.finding
    seen = await check(context.pair)
    now = seen.finding(finding.code, finding.node)
    if now is not None:
        context.finding = now
    elif find_interrupted(context.journal, context.id, finding.node) is None:
        found = ", ".join(f"{each.code} on {each.node}" for each in seen.findings)
        raise FindingGone(
            f"the check after the answer does not find {finding.code} on {finding.node} any more; "
            f"it finds {found or 'nothing wrong'}. Nothing was changed",
            finding.code,
            finding.node,
            seen,
        )


async def _repaired(context: RepairContext, chosen: Repair) -> list[str]:
    """Does it. Where that fails, ejabberd runs again where it ran before."""
    try:
        return await chosen.run(context)
    except (LockHeld, LockLost):
        raise  # Somebody else is at it.
    except (ClusterError, ShellError, ProbeError, HostError) as error:
        await service.start_again(context, error)
        raise


def _confirmation(finding: Finding, chosen: Repair) -> Question:
    """Asked before a repair without its own question, so that none starts unasked."""
    where = "both nodes" if finding.node == "both" else finding.node
    return Question(
        title=f"Repair {finding.code} on {where}?",
        takes=(f"{chosen.title}; {chosen.cannot_undo}",),
        consequence="The commands shown above run as shown. Nothing has been changed yet.",
        yes_label="Repair it",
    )


def finding_to_repair(
    diagnosis: Diagnosis, code: str, node: str | None, journal: Journal
) -> Finding:
    """Raises StepFailed when there is no such finding, or no repair for it."""
    finding = diagnosis.finding(code, node)
    stands = diagnosis.half_done is not None and diagnosis.half_done.explains_second
    halts = stands and code in repairs() and not repairs()[code].amid_join
    if finding is None and diagnosis.findings and not halts:
        finding = find_interrupted(journal, repair_of(code).id, node)
        finding = resumed(finding) if finding else None
    if finding is None:
        if diagnosis.half_done is not None:
            raise StepFailed(f"{code} is not repaired now. {diagnosis.half_done.text}")
        found = ", ".join(f"{each.code} on {each.node}" for each in diagnosis.findings)
        where = f" on {node}" if node else ""
        none = why_none(code)
        raise FindingGone(
            f"the check does not find {code}{where}; it finds {found or 'nothing wrong'}"
            + (f". {code} has no repair: {none}" if none else ""),
            code,
            node or "",
            diagnosis,
        )
    if code not in repairs():
        raise StepFailed(f"{code} has no repair: {why_none(code)}", (finding,))
    return finding


def refuse_stopped_first(facts: PairFacts) -> None:
    """A repair that takes first's database needs first to run. Raises StepFailed with what starts
    it, which may be kept from starting by second."""
    first = facts.first
    if first.asked and first.vm == "down" and not first.os_pid:
        raise StepFailed(
            f"ejabberd does not run on {first.name}, and this repair takes its database; nothing "
            "was changed. `ejtui repair not-connected --node first` starts it, also where "
            f"{facts.second.name} keeps it from starting; then look again with `ejtui check`"
        )


def refuse_swapped(facts: PairFacts) -> None:
    """A repair that puts first's in place of second's needs first to be the one with the data.

    Raises StepFailed when second serves accounts and first has fewer, or none that can be read.
    Members of one cluster that ran apart may each have got some: there it is fewer than half.
    """
    first, second = facts.first, facts.second
    share = 2 if facts.same_schema else 1
    if second.accounts and (first.accounts is None or share * first.accounts < second.accounts):
        raise StepFailed(
            f"first and second look swapped: {_held(first)}, {_held(second)}. This repair takes "
            f"what is on {second.name} for less than what is on {first.name}. If {second.name} "
            "is the one to keep, exchange the names at first = and second = in the configuration"
        )


def _held(node: NodeFacts) -> str:
    if node.accounts is None:
        return f"{node.name} ({node.node}) has no accounts that can be read"
    return f"{node.name} ({node.node}) has {node.accounts} accounts"
