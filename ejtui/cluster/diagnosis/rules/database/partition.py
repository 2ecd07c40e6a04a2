"""Nodes of one cluster that run, and do not run together."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.cluster.diagnosis.declaration import Declaration, Kind, Rule
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.facts.node import in_words
from ejtui.cluster.finding import Finding


def partitioned(case: Case) -> Iterator[Finding]:
    first, second = case.sides
    apart = first.facts.mnesia_runs and second.facts.mnesia_runs and not case.facts.both_run
    if not apart or not case.same_schema:
        return
    joined = first.node in second.exam.connected or second.node in first.exam.connected
    yield Finding(
        "partitioned",
        "both nodes run, but not together",
        "both",
        (
            *(
                f"{side.name}: running db nodes {in_words(side.facts.running_db_nodes)}, "
                f"{side.facts.accounts} accounts"
                for side in case.sides
            ),
            *_equal_counts(case),
            "both have the same schema cookie: they are of one cluster",
            *(("their Erlang nodes are connected again",) if joined else ()),
            *(line for side in case.sides for line in side.saw("partitioned", running=True)),
        ),
        "The network between them was cut, and each went on alone. Mnesia does not repair that "
        "automatically: it would have to know whose changes count.",
        "the repair keeps first's side: second gives up its changes since then, takes first as its "
        f"master and restarts. To keep second's side instead: {_other_side(case)}",
        subjects=(first.node, second.node),
    )


def _equal_counts(case: Case) -> tuple[str, ...]:
    """Equal numbers would read as equal accounts."""
    first, second = (side.facts.accounts for side in case.sides)
    if first is None or first != second:
        return ()
    return (
        "the numbers are equal, the accounts need not be: the repair compares both sides and names "
        "what either alone has, before it takes anything",
    )


def _other_side(case: Case) -> str:
    start = case.examined.exchanged
    return f"`{start} repair partitioned`" if start else "repair it with the two exchanged"


def master_left(case: Case) -> Iterator[Finding]:
    """What a partition's healing leaves behind that was broken off at its very end."""
    second = case.second
    if not (case.facts.both_run and second.exam.masters):
        return
    yield Finding(
        "partitioned",
        "a partition was repaired, and second still has a master node",
        "second",
        (
            f"{second.name}: {len(second.exam.masters)} tables have a master node",
            f"{second.name}: running db nodes {in_words(second.facts.running_db_nodes)}",
        ),
        "To repair it second took first as its master. While it has one, second loads first's "
        "tables at each start, even where its own are newer.",
        "take the master away: mnesia:set_master_nodes([]) on second",
        severity="warning",
        sure=False,
        settled_by="whether somebody set the master on purpose",
        subjects=(second.node,),
    )


def overlapping(case: Case) -> Iterator[Finding]:
    """A third node that one of the two is connected to, and the other does not reach."""
    if not case.cluster_evidence:
        return
    logged = [line for side in case.sides for line in side.saw("overlapping", running=True)]
    for hole in case.examined.holes:
        here = case.first if hole.role == "first" else case.second
        there = case.second if hole.role == "first" else case.first
        together = case.facts.both_run
        yield Finding(
            "overlapping",
            f"{here.name} does not reach {hole.node}, and {there.name} does",
            here.role,
            (
                f"from {there.name}: {hole.node} answers",
                f"from {here.name}: {hole.node}: {hole.broken}: {hole.why}",
                *logged,
            ),
            "From OTP 25 on, Erlang cuts healthy connections where the mesh has a hole, so that "
            "no two partitions overlap: one third node can part these two.",
            f"repair the connection from {here.name} to {hole.node}, or stop that node; then "
            "repair the partition",
            severity="warning" if together else "error",
            sure=bool(logged),
            settled_by="" if logged else "a line of global's in one of the logs",
            subjects=(hole.node,),
        )


FINDINGS = (
    Declaration(
        code="overlapping",
        meaning="A third node reaches only one of the two, so Erlang cuts healthy connections.",
        warns="the two run together all the same",
        rules=(Rule("schema", overlapping, after=("table-cookie",)),),
        kinds=frozenset({Kind.SEPARATION}),
        brings_about=("partitioned", "stale-member"),
        messages=(r"in order to prevent overlapping partitions",),
        instead="a third node that not all others reach is outside this pair: repair its "
        "connections or end it first. The two then connect again; what stays apart is a partition, "
        "which ejtui repairs",
    ),
    Declaration(
        code="partitioned",
        meaning="Both nodes of one cluster run, each without the other.",
        warns="only the master node of an earlier repair is left",
        rules=(Rule("schema", partitioned), Rule("schema", master_left)),
        kinds=frozenset({Kind.SEPARATION, Kind.DATABASE}),
        brings_about=("tables-missing",),
        messages=(r"running_partitioned_network|starting_partitioned_network",),
        passes=True,
    ),
)
