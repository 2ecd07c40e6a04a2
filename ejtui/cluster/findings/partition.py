"""Nodes of one cluster that run, and do not run together."""

from __future__ import annotations

from collections.abc import Iterator

from ..finding import Finding
from .case import Case


def partitioned(case: Case) -> Iterator[Finding]:
    first, second = case.sides
    apart = first.facts.mnesia_runs and second.facts.mnesia_runs and not case.facts.both_run
    if not apart or not case.same_schema:
        return
    joined = first.node in second.exam.connected or second.node in first.exam.connected
    yield Finding(
        "partitioned",
        "both nodes run, each by itself",
        "both",
        (
            *(
                f"{side.name}: running db nodes {list(side.facts.running_db_nodes)}, "
                f"{side.facts.accounts} accounts"
                for side in case.sides
            ),
            "both have the same schema cookie: they are of one cluster",
            *(("their Erlang nodes are connected again",) if joined else ()),
            *(line for side in case.sides for line in side.saw("partitioned")),
        ),
        "The net between them was cut, and each went on by itself. Mnesia does not heal that by "
        "itself: it would have to know whose changes count.",
        "choose the side that loses its changes since then; that side takes the other as its "
        "master and restarts",
        subjects=(first.node, second.node),
    )


def overlapping(case: Case) -> Iterator[Finding]:
    """A third node that one of the two reaches and the other does not."""
    first, second = case.sides
    for here, there in case.ways:
        for member in here.exam.members:
            seen = there.exam.member(member.node)
            if member.answers and seen is not None and not seen.answers:
                yield Finding(
                    "overlapping",
                    f"{there.name} does not reach {member.node}, and {here.name} does",
                    there.role,
                    (
                        f"from {here.name}: {member.node} answers",
                        f"from {there.name}: {member.node}: {seen.broken}: {seen.why}",
                        *(line for side in (first, second) for line in side.saw("overlapping")),
                    ),
                    "From OTP 25 on, global cuts healthy connections where the mesh has a hole, "
                    "so that no two overlapping partitions come to be.",
                    f"mend the way from {there.name} to {member.node} first",
                    subjects=(member.node,),
                )
