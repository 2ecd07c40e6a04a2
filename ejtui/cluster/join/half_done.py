"""Where a join, or a rollback, stands that has not ended: what it left is no finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui.cluster.backups import former_first
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.backups.move import broken_rollback
from ejtui.cluster.facts.half_done import HalfDone
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.cluster.join.steps import STEPS, Step, step_of
from ejtui.cluster.join.steps.administration import CompareAdministration
from ejtui.cluster.join.steps.cleandb import CleanDb
from ejtui.cluster.pair.storage_choices import Choices

if TYPE_CHECKING:
    from ejtui.cluster.backups.listing import Listing


def find_half_done(
    there: Listing, mine: list[Manifest], facts: PairFacts, choices: Choices
) -> HalfDone | None:
    """What stands on second, by the pair's backups there and both nodes' facts. Pure.

    `mine` are those of `there` that the pair has to do with, the one to go on with first.
    """
    open_ones = [each for each in mine if each.stage != "rolled-back"]
    if not open_ones or not facts.second.asked:
        return None
    manifest = open_ones[0]
    if manifest.half_aside:
        return _half_aside(manifest, there, facts.second)
    if manifest.stage in ("restoring", "restored"):
        return _rollback(manifest, facts.second)
    if manifest.stage == "moving":
        return _moving(manifest, there, facts)
    return _join(manifest, facts, choices)


def _rollback_to(manifest: Manifest) -> str:
    return f"ejtui rollback {manifest.stamp}"


def _rollback(manifest: Manifest, second: NodeFacts) -> HalfDone:
    done = "is copied back" if manifest.stage == "restored" else "was being copied back"
    text = (
        f"A rollback to {manifest.stamp} stands: {second.name}'s own database {done}. "
        f"`{_rollback_to(manifest)}` goes on from there."
    )
    on = _rollback_to(manifest)
    return HalfDone("rollback", "rollback", 0, manifest.place, manifest.stage, text, command=on)


def _half_aside(manifest: Manifest, there: Listing, second: NodeFacts) -> HalfDone:
    started = (
        f"ejabberd was started on {second.name} since, on an incomplete database: what its "
        "users change there goes into a backup."
        if second.vm != "down"
        else f"Nothing may start ejabberd on {second.name} now: its database is incomplete."
    )
    why = broken_rollback.why(manifest, len(there.lacks(manifest)))
    text = f"{why[0].upper()}{why[1:]}. {started} {broken_rollback.next_command(manifest)}."
    on = f"ejtui rollback {manifest.towards}"
    return HalfDone("rollback", "rollback", 0, manifest.place, manifest.stage, text, command=on)


def _moving(manifest: Manifest, there: Listing, facts: PairFacts) -> HalfDone:
    second = facts.second
    step = step_of(CleanDb.id)
    count = len(manifest.files)
    moved = count - len(there.lacks(manifest))
    started = (
        f" ejabberd was started on {second.name} since, on an incomplete database: what its "
        "users change there goes into a backup."
        if second.vm != "down"
        else f" Nothing may start ejabberd on {second.name} now: its database is incomplete."
    )
    first = facts.first.node
    ways = (
        former_first.what_to_do(manifest, first, second.name)
        if first and first != manifest.first
        else f"`ejtui join` goes on from there, `{_rollback_to(manifest)}` brings "
        f"{second.name}'s database back."
    )
    text = (
        f"A join stands at step {step.number}, {step.title}: it was broken off when {moved} of "
        f"{count} files of {second.name}'s database had been moved to {manifest.place}."
        f"{started} {ways}"
    )
    return HalfDone("join", step.id, step.number, manifest.place, manifest.stage, text)


def _join(manifest: Manifest, facts: PairFacts, choices: Choices) -> HalfDone | None:
    second = facts.second
    emptied = manifest.stage == "moved" and second.vm == "down" and not second.spool.names
    if second.spool.error or (manifest.finished and not emptied):
        return None
    next_step = next((step for step in STEPS if _is_open(step, facts, choices)), None)
    if next_step is None:
        return None
    if next_step.changes and not emptied and next_step.state(facts, choices).state == "failed":
        return None
    moved = manifest.stage == "moved"
    # The join, or a person, has stopped it before it was emptied.
    stopped = not moved and second.vm == "down"
    whose = (
        f"{second.name}'s own database lies in {manifest.place}{_started_since(facts)}"
        if moved
        else f"{second.name} still has its own database"
        + (", and ejabberd is stopped there" if stopped else "")
    )
    text = (
        f"A join stands at step {next_step.number}, {next_step.title}: {whose}. "
        f"{_stops(facts, choices)}`ejtui join` goes on from there, `{_rollback_to(manifest)}` "
        "undoes it."
    )
    return HalfDone(
        "join",
        next_step.id,
        next_step.number,
        manifest.place,
        manifest.stage,
        text,
        explains_second=moved,
        names_the_stop=stopped,
    )


def _started_since(facts: PairFacts) -> str:
    """A start of ejabberd where nothing of first's has come yet makes an empty database."""
    empty = facts.second.ejabberd and not facts.same_schema
    return "; ejabberd was started there since, with an empty one" if empty else ""


def _is_open(step: Step, facts: PairFacts, choices: Choices) -> bool:
    """Whether a join that goes on has something to change, or to ask, in that step."""
    may_ask = step.changes or isinstance(step, CompareAdministration)
    return may_ask and not step.state(facts, choices).done


def _stops(facts: PairFacts, choices: Choices) -> str:
    """What keeps a join from coming to its next step, as a sentence; "" for nothing."""
    for step in STEPS:
        state = step.state(facts, choices)
        if not step.changes and state.state == "failed":
            return f"Step {step.number}, {step.title}, stops it now: {state.detail}. "
    return ""
