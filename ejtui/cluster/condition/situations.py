"""Which state a pair is in: the first that applies, in the order of what matters most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ejtui.cluster.condition.apart import apart
from ejtui.cluster.condition.condition import NOTHING, Condition, Known, Situation
from ejtui.cluster.condition.membership import is_one_cluster
from ejtui.cluster.condition.together import broken, not_working, together
from ejtui.cluster.condition.unasked import unasked
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.errors import SHELL_OPEN
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.join.steps import STEPS


def condition(facts: PairFacts, known: Known = NOTHING) -> Condition:
    """The state of the pair. Pure: the same for every screen and command.

    `known` is what a check and this ejtui know beyond the facts; see known_of and known_since.
    """
    case = Case(facts)
    found = next(_states(case, known))
    return found if found.code or not known.findings else replace(found, code=_leading(known))


def _states(case: Case, known: Known) -> Iterator[Condition]:
    """The states that apply, the one to show first."""
    yield from _changing(case, known)
    yield from unasked(case, known)
    yield from _one_node(case)
    yield from _standing(case, known)
    yield from broken(case, known)
    yield from _starting(case)
    yield from apart(case, known)
    yield from not_working(case)
    yield together(known)


def _changing(case: Case, known: Known) -> Iterator[Condition]:
    if not known.changing:
        return
    if SHELL_OPEN in known.changing:
        who = known.changing.partition(" (")[0]
        text = (
            f"A join stands half done: {who} has it open, with its erl shell. Nothing is running."
        )
        yield Condition(Situation.HALF_DONE, False, "join half done", text, about_join=True)
        return
    number = _number(known.changing.rpartition(" (")[2].removesuffix(")"))
    if not number:
        text = f"The pair is being changed: {known.changing}."
        yield Condition(Situation.CHANGING, is_one_cluster(case), "being changed", text)
        return
    brief = f"join running, step {number}"
    text = f"A join is running, step {number} of {len(STEPS)}: {known.changing}."
    yield Condition(Situation.JOINING, False, brief, text, about_join=True)


def _number(what: str) -> int:
    """The number of the join's step that a lock names ("join: tables"), 0 for none."""
    title = what.rpartition(": ")[2]
    return next((step.number for step in STEPS if step.title.lower() == title), 0)


def _one_node(case: Case) -> Iterator[Condition]:
    first, second = case.sides
    if not case.facts.one_node:
        return
    yield Condition(
        Situation.ONE_NODE,
        None,
        "both are one node",
        f"{first.name} and {second.name} are the same node of one host, {first.node}: there is "
        "nothing to join.",
        "ejtui setup",
    )


def _standing(case: Case, known: Known) -> Iterator[Condition]:
    half_done = known.half_done
    if half_done is not None and half_done.kind == "rollback":
        brief, joined = "rollback not finished", is_one_cluster(case)
        command = half_done.command or "ejtui rollback"
        yield Condition(Situation.HALF_DONE, joined, brief, half_done.text, command)
    elif half_done is not None:
        yield _half_joined(f"join at step {half_done.number}", half_done.text)
    second = case.second.facts
    # A second that runs with first's database has been joined, also where the two are parted.
    if known.join_open and not (second.ejabberd and is_one_cluster(case)):
        yield _half_joined("join half done", "A join stands half done. `ejtui join` goes on.")
    if second.bare_shell and (second.kept_erl or second.started == "mnesia"):
        text = (
            f"A join stands half done: its erl shell is open on {second.name}, without ejabberd. "
            "`ejtui join` goes on from there."
        )
        yield _half_joined("join half done", text)


def _half_joined(brief: str, text: str) -> Condition:
    return Condition(Situation.HALF_DONE, False, brief, text, "ejtui join", about_join=True)


def _starting(case: Case) -> Iterator[Condition]:
    names = [side.name for side in case.sides if side.facts.starting]
    if not names:
        return
    joined = is_one_cluster(case)
    both = " and ".join(names)
    word = "joined" if joined else "not joined"
    yield Condition(
        Situation.STARTING,
        joined,
        f"{word}, {both} starting",
        f"{word.capitalize()}; ejabberd is starting on {both}.",
        "ejtui check",
    )


def _leading(known: Known) -> str:
    return known.findings[0].code if known.findings else ""
