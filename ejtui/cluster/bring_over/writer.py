"""The node through which a backup's accounts are written, and why none can."""

from __future__ import annotations

from ejtui.cluster.bring_over.source import Source
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.operations.without_first import WITHOUT_FIRST, way_out
from ejtui.cluster.pair.node import Node
from ejtui.cluster.pair.pair import Pair

_GONE = way_out("bring-over BACKUP")


def writer(pair: Pair, facts: PairFacts, source: Source, without_first: bool) -> Node:
    """The node that writes. Raises StepFailed where none can."""
    return alone(pair, facts, source) if without_first else through_cluster(pair, facts)


def through_cluster(pair: Pair, facts: PairFacts) -> Node:
    """The node that writes: second where it runs in the cluster, first where second is down."""
    for node in (facts.first, facts.second):
        if not node.asked:
            raise StepFailed(
                f"{node.name} must be reached to bring accounts over: {node.error}. {_GONE}"
            )
    if not facts.first.ejabberd:
        raise StepFailed(
            "ejabberd must run on first: the cluster's accounts are asked there; "
            f"`ejtui repair not-connected --node first` starts it. {_GONE}"
        )
    if facts.both_run and facts.second.ejabberd:
        return pair.second
    if facts.second.vm == "down":
        return pair.first
    raise StepFailed(
        "second runs, but not with ejabberd in first's cluster, where accounts would have to go: "
        "join it first (`ejtui join`), or look with `ejtui check`"
    )


def alone(pair: Pair, facts: PairFacts, source: Source) -> Node:
    """Second, which runs on a separate database. Raises StepFailed where it does not."""
    first, second = facts.first, facts.second
    if not second.asked:
        raise StepFailed(f"{second.name} must be reached to bring accounts over: {second.error}")
    if first.mnesia_runs:
        raise StepFailed(
            f"ejabberd runs on {first.name}: leave out {WITHOUT_FIRST}, so that accounts that "
            f"{first.name} has are compared with those of the backup"
        )
    named = source.manifest.first if source.manifest else ""
    if not second.ejabberd or {first.node, named} & {*second.running_db_nodes}:
        raise StepFailed(
            f"ejabberd must run on {second.name}, on its own database: "
            f"`ejtui rollback {WITHOUT_FIRST}` brings that back; bring accounts over after that"
        )
    return pair.second
