"""Whether two nodes are one cluster, by what their databases show."""

from __future__ import annotations

from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.facts.node import PairFacts


def is_joined(facts: PairFacts) -> bool | None:
    """Whether both nodes' databases show that they are one cluster; None where one is not known.

    Also where a node is stopped: its database on disk counts.
    """
    return is_one_cluster(Case(facts))


def is_one_cluster(case: Case) -> bool | None:
    """The same, of what the rules look at."""
    if not case.both_asked:
        return None
    facts, (first, second) = case.facts, case.sides
    if facts.namesakes:
        return False
    lists = first.node in second.schema_nodes and second.node in first.schema_nodes
    renamed = case.same_schema and bool(case.former_names)
    return facts.both_run or facts.member or lists or renamed
