"""Who else belongs to the cluster: members that are gone, came back, or are just coming."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.cluster.diagnosis.declaration import Declaration, Kind, Rule
from ejtui.cluster.diagnosis.rules.case import Case, Side
from ejtui.cluster.facts.examination import MemberFacts
from ejtui.cluster.facts.node import DISC, TableFacts, in_words
from ejtui.cluster.finding import Finding

SHOWN = 8
"""So many tables are named."""


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
                f"{side.name}: running db nodes {in_words(side.facts.running_db_nodes)}",
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
    far as can be seen; one that the configuration knows was not taken out, and starts or joins.
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
                f"{side.name}: running db nodes {in_words(side.facts.running_db_nodes)}",
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
    """Second is a member by its disc, and first has taken it out."""
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
        repaired_by="cleandb",
    )


_LEFT_EXPLAINS = (
    "cookie-mismatch",
    "schema-split",
    "tables-waiting",
    "not-connected",
    "vm-up-app-down",
    "partitioned",
    "tables-missing",
)
"""What first shows while it still lists a second that was rolled back without it."""


def second_left(case: Case) -> Iterator[Finding]:
    """First lists second, which was rolled back while first was away."""
    first, second = case.sides
    if not case.examined.alone_since or not case.facts.first_lists_a_stranger:
        return
    yield Finding(
        "stale-member",
        f"{first.name} still lists {second.name}, which was rolled back",
        "first",
        (
            f"{first.name}: its schema names {second.node}",
            f"{second.name}: has its own database since {case.examined.alone_since}",
        ),
        f"{second.name} was rolled back, and {first.name} was away or was killed then. Mnesia on "
        f"{first.name} waits for it at starts, and refuses changes of tables that it lists there.",
        f"have {first.name} forget {second.node}; a join brings it back later",
        subjects=(second.node,),
        explains=_LEFT_EXPLAINS,
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
                f"{side.name}: db nodes {in_words(side.facts.db_nodes)}",
                f"{side.name}: running db nodes {in_words(side.facts.running_db_nodes)}",
                f"from {side.name}: {member.node}: {member.why}",
                *((f"{side.name}: Mnesia lists {len(known)} tables on it",) if known else ()),
            ),
            f"{cause} Mnesia waits for it at starts, and refuses changes of the tables that it "
            "lists there.",
            repair,
            sure=False,
            settled_by=f"whether {member.node} is meant to come back; "
            + ("its host reports that no such node runs" if sure else "it cannot be reached"),
            subjects=(member.node,),
        )


def other_cluster(case: Case) -> Iterator[Finding]:
    """Second is a member elsewhere: a join takes it away from nodes that go on without it."""
    second, others = case.second, cluster_of_second(case)
    if not others:
        return
    runs = [node for node in others if node in second.facts.running_db_nodes]
    alone = [table.name for table in tables_of_second_alone(case)]
    yield Finding(
        "other-cluster",
        f"second is a member of another cluster, with {', '.join(others)}",
        "second",
        (
            f"{second.name}: its schema names {', '.join(sorted(second.schema_nodes))}",
            f"{second.name}: runs with {', '.join(runs) or 'none of them now'}",
            *((f"{second.name}: {_listed(alone)} live on it alone there",) if alone else ()),
        ),
        "They keep second as a member that never comes back: each of them waits for it at its "
        "next start where second was the last to run, and tables that live on second alone are "
        "gone for them.",
        f"leave that cluster first: stop ejabberd on second, then `ejabberdctl leave_cluster "
        f"{second.node}` on {others[0]}; or join all the same, after a separate question",
        subjects=others,
        repaired_by="cleandb",
        apart=True,
    )


def cluster_of_second(case: Case) -> tuple[str, ...]:
    """The members of another cluster that second is in, apart from second; empty where none."""
    own = {case.first.node, case.second.node} | case.former_names
    named = case.second.schema_nodes
    # A database that does not name its own node belongs to another one: that is `renamed`.
    if not case.both_asked or case.same_schema or case.second.node not in named:
        return ()
    return tuple(sorted(named - own))


def tables_of_second_alone(case: Case) -> list[TableFacts]:
    """Tables of second's other cluster with records that no other member has."""
    facts = case.second.facts
    return [
        table
        for table in facts.tables
        if table.holders == (facts.node,) and table.size and not table.local_content
    ]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"


def _others(case: Case) -> Iterator[tuple[Side, MemberFacts]]:
    """Each member that is not of the pair, once, as the first side that knows it sees it."""
    named: set[str] = set()
    for side in case.sides:
        for member in side.exam.members:
            if member.node not in named and member.node not in case.former_names:
                named.add(member.node)
                yield side, member


FINDINGS = (
    Declaration(
        code="concurrent-join",
        meaning="Another node is joining first at this moment.",
        rules=(Rule("schema", concurrent_join, after=("partitioned",)),),
        brings_about=("join-hangs",),
        instead="wait until the other node's join has ended, then join this one",
    ),
    Declaration(
        code="ghost-member",
        meaning="A node that was taken out of the cluster came back from its old disk, or would.",
        rules=(
            Rule("schema", ghost_member, after=("concurrent-join",)),
            Rule("schema", ghost_of_second, after=("concurrent-join",)),
        ),
        brings_about_there=(Kind.NOT_RUNNING,),
    ),
    Declaration(
        code="stale-member",
        meaning="A member is listed that does not run, or that has left.",
        rules=(
            Rule("schema", second_left, among="distribution", after=("dist-port-blocked",)),
            Rule("schema", stale_member, after=("ghost-member",)),
        ),
        kinds=frozenset({Kind.SEPARATION}),
    ),
    Declaration(
        code="other-cluster",
        meaning="second is a member of another cluster.",
        rules=(Rule("schema", other_cluster, after=("stale-member",)),),
        instead="leave that cluster first: stop ejabberd on second, then `ejabberdctl "
        "leave_cluster` on another member. A join asks before it takes second away",
        not_in_lab="it takes a third host that is a member with second, and the lab has two",
    ),
)
