"""The states of two nodes that are not one cluster, whatever they were."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ejtui.cluster.condition.condition import Condition, Known, Situation
from ejtui.cluster.condition.membership import is_one_cluster
from ejtui.cluster.condition.next_command import command_for
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.diagnosis.rules.database.members import cluster_of_second
from ejtui.cluster.finding import counted

if TYPE_CHECKING:
    from ejtui.cluster.finding import Finding


def apart(case: Case, known: Known) -> Iterator[Condition]:
    """The states that apply, the one to show first; none where the two are one cluster."""
    if is_one_cluster(case):
        return
    first, second = case.sides
    if case.first_is_new:
        yield _first_is_another(case, known)
    if others := cluster_of_second(case):
        yield Condition(
            Situation.OTHER_CLUSTER,
            False,
            "members of different clusters",
            f"Members of different clusters: {second.name} runs in one with "
            f"{', '.join(others)}, and {first.name} is not in it.",
            "ejtui check",
        )
    if _is_second_another(case):
        yield _second_is_another(case, known)
    yield _not_joined(case, known)


def _first_is_another(case: Case, known: Known) -> Condition:
    first, second = case.sides
    has = "has another database now" if first.facts.schema_cookie else "has no database now"
    return Condition(
        Situation.FIRST_GONE,
        False,
        f"was joined, {first.name} is new",
        f"{second.name} was joined to {first.node}, and {first.name} {has}: {second.name} holds "
        f"what is left of the cluster. A join with the two exchanged gives it to {first.name}, "
        "too.",
        f"{known.exchanged} join" if known.exchanged else "ejtui setup",
    )


def _is_second_another(case: Case) -> bool:
    """Whether first lists second, which keeps another database and does not list first."""
    first, second = case.sides
    lists = second.node in first.schema_nodes and first.node not in second.schema_nodes
    has = bool(second.facts.schema_cookie) and second.facts.has_disc_schema
    # In memory alone it was a member until its VM ended: a join that was not finished.
    in_memory = second.node in first.facts.schema.ram_copies
    return lists and has and not in_memory and not case.same_schema


def _second_is_another(case: Case, known: Known) -> Condition:
    first, second = case.sides
    errors = [each for each in known.findings or () if each.severity == "error"]
    code = f" ({errors[0].code})" if errors else ""
    return Condition(
        Situation.BROKEN,
        False,
        f"was joined, broken: {errors[0].code if errors else 'another database'}",
        f"Was joined, and is not now: {first.name} still lists {second.name}, which has another "
        f"database{code}.",
        command_for(errors[0]) if errors else "ejtui check",
        errors[0].code if errors else "",
    )


def _not_joined(case: Case, known: Known) -> Condition:
    first, second = case.sides
    looked = known.findings == () and known.whole
    text = (
        "Not joined, and nothing is wrong: every layer was looked at." if looked else "Not joined."
    )
    if case.facts.namesakes:
        # Each lists its own name alone.
        pass
    elif second.node in first.schema_nodes:
        has = "another database" if second.facts.schema_cookie else "no database"
        text = f"Not joined, but {first.name} still lists {second.name}, which has {has}."
    elif case.same_schema and second.node not in second.schema_nodes:
        text = f"Not joined: {second.name} has a copy of {first.name}'s database."
    elif first.node in second.schema_nodes:
        text = f"Not joined any more: {second.name} still lists {first.name}."
    stops = [each for each in known.findings or () if _stops_a_join(each)]
    code = stops[0].code if stops else ""
    if stops:
        text += f" Wrong: {stops[0].title} ({code})."
    elif warned := [each for each in known.findings or () if each.severity == "warning"]:
        text += f" {counted(warned)}: {warned[0].title} ({warned[0].code})."
    return Condition(
        Situation.NOT_JOINED,
        False,
        "not joined",
        text,
        command_for(stops[0]) if stops else "ejtui join",
        code,
        about_join=True,
    )


def _stops_a_join(finding: Finding) -> bool:
    return finding.severity == "error" and not finding.repaired_by
