"""Who else belongs to the cluster: members that are gone, came back, or are just coming."""

from __future__ import annotations

from collections.abc import Iterator

from ..examined import MemberFacts
from ..facts import DISC
from ..finding import Finding
from .case import Case, Side


def concurrent_join(case: Case) -> Iterator[Finding]:
    for side, member in _others(case):
        if not member.answers or member.node not in side.facts.schema.ram_copies:
            continue
        if member.ejabberd:
            continue
        yield Finding(
            "concurrent-join",
            f"{member.node} is in the middle of joining {side.name}",
            side.role,
            (
                f"{side.name}: running db nodes {list(side.facts.running_db_nodes)}",
                f"{side.name}: the schema of {member.node} is a RAM copy, and ejabberd does not "
                "run there",
            ),
            "Two nodes that join at once wait for each other's changes of the schema, and both "
            "can stick.",
            f"let {member.node} come to its end, or end its erl; then go on",
            subjects=(member.node,),
        )


def ghost_member(case: Case) -> Iterator[Finding]:
    """A member of the database that serves nobody. One that runs ejabberd is a whole member as
    far as anything tells; one that the configuration knows was not taken out, and starts or joins.
    """
    for side, member in _others(case):
        if member.name or not member.answers or member.ejabberd or member.schema != DISC:
            continue
        if member.node not in side.facts.running_db_nodes:
            continue
        yield Finding(
            "ghost-member",
            f"{member.node} runs with {side.name} and is no ejabberd",
            side.role,
            (
                f"{side.name}: running db nodes {list(side.facts.running_db_nodes)}",
                f"{member.node}: Mnesia runs there with the schema on its disc, ejabberd does not",
            ),
            "A node that was taken out of the cluster while it was down puts itself back in when "
            "it starts from its old disc, and brings the tables back that it had then.",
            f"set the database of {member.node} aside where it lives, then take it out again",
            sure=False,
            settled_by=f"whether {member.node} is meant to be a member",
            subjects=(member.node,),
        )


def ghost_of_second(case: Case) -> Iterator[Finding]:
    """Second's disc says that it is a member, and first has taken it out."""
    first, second = case.sides
    disk = second.facts.disk_schema
    if disk is None or second.facts.mnesia_runs or not first.facts.mnesia_runs:
        return
    if not case.same_schema or second.node not in disk.nodes:
        return
    if second.node in first.facts.schema.nodes:
        return
    yield Finding(
        "ghost-member",
        "second was taken out of the cluster, and its disc does not know",
        "second",
        (
            f"{second.name}: the schema on its disc names {', '.join(disk.nodes)}",
            f"{first.name}: its schema names {', '.join(first.facts.schema.nodes)}",
        ),
        "Started as it is, it puts itself back into the cluster, with the tables it had then.",
        "set its database aside; a join does that first of all",
        subjects=(second.node,),
        mended_by="cleandb",
    )


def stale_member(case: Case) -> Iterator[Finding]:
    for side, member in _others(case):
        if member.node in side.facts.running_db_nodes or member.answers:
            continue
        known = [table.name for table in side.facts.tables if member.node in table.holders]
        sure = member.broken in ("port", "resolve")
        forget = f"take it out of the schema: del_table_copy(schema, '{member.node}')"
        cause, repair = "It was taken away without a word to the cluster, or is stopped.", forget
        if member.name:
            cause = f"It is {member.name} of the configuration, and stopped, or its host is."
            repair = f"start ejabberd on {member.name}; where it is gone for good, {forget}"
        yield Finding(
            "stale-member",
            f"{member.node} is listed as a member and does not run",
            side.role,
            (
                f"{side.name}: db nodes {list(side.facts.db_nodes)}",
                f"{side.name}: running db nodes {list(side.facts.running_db_nodes)}",
                f"from {side.name}: {member.node}: {member.why}",
                *((f"{side.name}: it is said to hold {len(known)} tables",) if known else ()),
            ),
            f"{cause} Mnesia waits for it at starts, and refuses changes of the tables that it is "
            "said to hold.",
            repair,
            sure=False,
            settled_by=f"whether {member.node} is meant to come back; "
            + ("its host says that no such node runs" if sure else "it cannot be reached"),
            subjects=(member.node,),
        )


def _others(case: Case) -> Iterator[tuple[Side, MemberFacts]]:
    """Each member that is not of the pair, once, as the first side that knows it sees it."""
    told: set[str] = set()
    for side in case.sides:
        for member in side.exam.members:
            if member.node not in told and member.node not in case.former_names:
                told.add(member.node)
                yield side, member
