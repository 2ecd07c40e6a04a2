"""The states of a pair of which a node cannot be asked."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.cluster.condition.condition import Condition, Known, Situation
from ejtui.cluster.diagnosis.rules.case import Case, Side


def _back(*names: str) -> str:
    """What comes first: nothing that ejtui runs brings a host back."""
    connections = "connection" if len(names) == 1 else "connections"
    return f"See to the {connections} to {' and '.join(names)}, then check again."


def unasked(case: Case, known: Known) -> Iterator[Condition]:
    """What can be known without that node; nothing where both answer."""
    first, second = case.sides
    if case.both_asked:
        return
    if second.asked and second.facts.known_schema and _others(second):
        yield _first_unasked(first, second, _silence(case), known)
    if first.asked and second.node and second.node in first.facts.running_db_nodes:
        yield _runs_all_the_same(second, first, second.node, _silence(case))
    silent = [side.name for side in case.sides if not side.asked]
    listed = ""
    if first.asked and (others := _others(first)):
        runs = set(others) <= set(first.facts.running_db_nodes)
        how = "runs together" if runs else "is a member"
        listed = f" {first.name} {how} with {', '.join(others)}."
        if not second.node:
            listed = f"{listed[:-1]}; whether that is {second.name} is not known."
    who = " and ".join(silent)
    yield Condition(
        Situation.UNKNOWN,
        None,
        f"unknown: {who} {_silence(case)}",
        f"Nobody knows whether they are joined: {who} cannot be asked.{listed} {_back(*silent)}",
        "ejtui check",
    )


def _others(side: Side) -> list[str]:
    return sorted(side.schema_nodes - {side.node})


def _silence(case: Case) -> str:
    reached = all(side.facts.reachable for side in case.sides)
    return "cannot be asked" if reached else "not reached"


def _first_unasked(first: Side, second: Side, silence: str, known: Known) -> Condition:
    others = _others(second)
    name = first.node or ", ".join(others)
    if first.node and first.node not in others:
        return Condition(
            Situation.UNKNOWN,
            None,
            f"unknown: {first.name} {silence}",
            f"Nobody knows whether they are joined: {first.name} cannot be asked. {second.name} is "
            f"a member with {', '.join(others)}. {_back(first.name)}",
            "ejtui check",
        )
    if not second.facts.mnesia_runs:
        return Condition(
            Situation.UNKNOWN,
            None,
            f"unknown: {first.name} {silence}",
            f"{second.name} was joined to {name}, and does not run; {first.name} cannot be asked. "
            f"{_back(first.name)}",
            "ejtui check",
        )
    if set(others) & set(second.facts.running_db_nodes):
        return _runs_all_the_same(first, second, name, silence)
    undo = (
        f" Only to undo the join, where {first.name} is gone for good: "
        "`ejtui rollback --without-first`."
    )
    return Condition(
        Situation.FIRST_GONE,
        None,
        f"was joined, {first.name} is gone",
        f"{second.name} was joined to {name}, which cannot be reached and does not run with it; "
        f"{second.name} goes on alone, with the cluster's accounts. {_back(first.name)}"
        + ("" if known.undoes is False else undo),
        "ejtui check",
    )


def _runs_all_the_same(silent: Side, other: Side, node: str, silence: str) -> Condition:
    """The connection from here alone is missing."""
    return Condition(
        Situation.UNKNOWN,
        None,
        f"{silent.name} {silence}, but runs",
        f"{silent.name} cannot be asked from here; {other.name} is joined to {node} and runs "
        f"together with it. {_back(silent.name)}",
        "ejtui check",
    )
