"""The states of a joined pair: healthy, with warnings, or broken."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.cluster.condition.condition import Condition, Known, Situation
from ejtui.cluster.condition.membership import is_one_cluster
from ejtui.cluster.condition.next_command import command_for
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.finding import counted


def broken(case: Case, known: Known) -> Iterator[Condition]:
    """A joined pair of which a check found an error."""
    errors = [each for each in known.findings or () if each.severity == "error"]
    if errors and is_one_cluster(case):
        worst = errors[0]
        # One fault on both nodes is one sentence: a name alone would clear the other.
        titles = [each.title for each in errors if each.code == worst.code]
        yield Condition(
            Situation.BROKEN,
            True,
            f"joined, broken: {worst.code}",
            f"Joined, but broken: {', and '.join(titles)} ({worst.code}).",
            command_for(worst),
            worst.code,
        )


def not_working(case: Case) -> Iterator[Condition]:
    """A joined pair that does not work together, by the facts alone."""
    for fault in _faults(case):
        yield Condition(
            Situation.BROKEN, True, f"joined, broken: {fault}", f"Joined, but broken: {fault}.",
            "ejtui check",
        )  # fmt: skip


def _faults(case: Case) -> Iterator[str]:
    """What keeps a joined pair from working, by the facts alone."""
    for side in case.sides:
        if side.facts.silent_vm:
            yield f"{side.name} runs and does not answer"
        elif side.facts.vm == "down":
            yield f"{side.name} is stopped"
        elif side.facts.vm == "rejected":
            yield f"{side.name} refuses its own host's cookie"
        elif not side.facts.ejabberd:
            yield f"ejabberd does not run on {side.name}"
    if not case.facts.both_run:
        yield "the nodes do not run together"
    for side in case.sides:
        if side.facts.waiting:
            yield f"{side.name} waits for tables"


def together(known: Known) -> Condition:
    """A joined pair without an error: healthy where a check has looked at everything."""
    text = "Joined: both nodes run together."
    if known.findings:
        warnings = counted(known.findings)
        worst = known.findings[0]
        return Condition(
            Situation.JOINED,
            True,
            f"joined, {warnings}",
            f"Joined, and both nodes run together; {warnings}: {worst.title} ({worst.code}).",
            command_for(worst),
            worst.code,
        )
    if known.findings is None:
        return Condition(Situation.JOINED, True, "joined", text, "ejtui check")
    if not known.whole:
        text += " Nothing wrong was found, but not every layer could be looked at."
        return Condition(Situation.JOINED, True, "joined", text, "ejtui check")
    healthy = "Joined and healthy: every layer was looked at, and nothing is wrong."
    return Condition(Situation.HEALTHY, True, "joined, healthy", healthy)
