"""Mnesia's schema: whether both nodes have the same one, and know each other in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ejtui.cluster.diagnosis.declaration import Declaration, Kind, Rule
from ejtui.cluster.diagnosis.rules.case import Case, Side
from ejtui.cluster.diagnosis.rules.start_log import WARNS, in_log
from ejtui.cluster.facts.node import DISC, TableFacts, in_words
from ejtui.cluster.finding import Finding

SHOWN = 6
"""So many tables are named."""


def same_database(case: Case) -> Iterator[Finding]:
    """Second's host is a copy of first's, or got a copy of its database directory."""
    first, second = case.sides
    own, theirs = second.facts.known_schema, first.facts.known_schema
    if own is None or theirs is None or not case.same_schema:
        return
    # With another name beside first's it may be a member that was renamed.
    if set(own.nodes) != {first.node} or second.node in (first.node, *theirs.nodes):
        return
    yield _same_database(
        case,
        (
            f"second: its database belongs to {first.node}, its node is {second.node}",
            f"first: its schema does not know {second.node}",
        ),
        "set second's copy aside, and join second as a node with its own name",
    )


def clone(case: Case) -> Iterator[Finding]:
    """The same under first's own name, as an image of a host leaves it."""
    if case.one_machine or not case.same_schema or case.first.node != case.second.node:
        return
    yield _same_database(
        case,
        tuple(f"{side.name}: {side.node}, on a host called {side.facts.hostname}"
              for side in case.sides),
        "set second's copy aside, name its node after its host, and join it",
    )  # fmt: skip


def _same_database(case: Case, seen: tuple[str, ...], repair: str) -> Finding:
    return Finding(
        "same-database",
        "second's database is a copy of first's",
        "second",
        (f"both: schema {case.first.facts.schema_cookie}", *seen, *_one_host_key(case)),
        "The host was made from an image of first's, or the directory was copied. Such a node is "
        "no member, and under first's name it stands in first's place.",
        repair,
        subjects=(case.first.node,),
    )


def _one_host_key(case: Case) -> tuple[str, ...]:
    """Two hosts that answer with one key of SSH's were made from one image."""
    keys = {side.exam.host_key for side in case.sides}
    if case.one_machine or len(keys) > 1 or keys == {""}:
        return ()
    return (
        f"both hosts have one SSH host key, {keys.pop()}: one is an image of the other, and needs "
        "new keys",
    )


def renamed(case: Case) -> Iterator[Finding]:
    for side in case.sides:
        disk = side.facts.disk_schema
        if disk is None or not disk.nodes or side.node in disk.nodes or side.facts.mnesia_runs:
            continue
        other = case.second if side.role == "first" else case.first
        former = [name for name in disk.nodes if name != other.node]
        yield Finding(
            "renamed",
            f"{side.name}'s database belongs to a node of another name",
            side.role,
            (
                f"{side.name}: the node is {side.node}",
                f"{side.name}: its schema on disc is of {', '.join(disk.nodes)}",
                *side.saw("renamed"),
            ),
            "The host, or the node, got a new name, and Mnesia's schema keeps the name with "
            "which it was made.",
            "give the node its former name again, or change the name in the database",
            sure=len(former) <= 1 or bool(side.saw("renamed")),
            settled_by="" if len(former) <= 1 else "which of these names the node had before",
            subjects=tuple(former),
        )


def schema_definitions(case: Case) -> Iterator[Finding]:
    """First has second in memory only, while on second's disc it is a member on disc."""
    first, second = case.sides
    disk = second.facts.disk_schema
    seen = [line for side in case.sides for line in side.saw("schema-definitions")]
    apart = (
        first.facts.mnesia_runs
        and second.node in first.facts.schema.ram_copies
        and disk is not None
        and second.node in disk.disc_copies
        and not second.facts.mnesia_runs
    )
    if not (apart or seen):
        return
    evidence = list(seen)
    if apart and disk is not None:
        evidence = [
            f"{first.name}: second's schema is a RAM copy",
            f"{second.name}: the schema on its disc is a disc copy",
            *seen,
        ]
    yield Finding(
        "schema-definitions",
        "the two schemas differ about the same node or table",
        "second",
        tuple(evidence),
        "Mnesia merges two schemas only where they do not contradict each other; second was "
        "changed, or first was, while the other was away.",
        "back up second, clean it, and join it again",
        subjects=(second.node,),
    )


def schema_ram(case: Case) -> Iterator[Finding]:
    first, second = case.sides
    if not first.facts.mnesia_runs or second.node not in first.facts.schema.ram_copies:
        return
    runs = "runs with it" if case.facts.both_run else "does not run with it"
    alone = second.facts.mnesia_runs and not case.same_schema
    goes_on = not alone and not second.facts.has_disc_schema
    yield Finding(
        "schema-ram",
        "second is a member in memory only",
        "second",
        (
            f"{first.name}: its schema lists {second.node} among the RAM copies; {second.node} "
            + runs,
            f"{second.name}: running db nodes {in_words(second.facts.running_db_nodes)}",
            *((f"{second.name}: has another schema than first's",) if alone else ()),
        ),
        "The join ended before second's schema went to disc: at its next start second knows "
        "nothing of the cluster, and first waits for it in vain.",
        "join second again, its schema to disc",
        subjects=(second.node,),
        repaired_by="sync" if goes_on else "",
    )


def schema_split(case: Case) -> Iterator[Finding]:
    first, second = case.sides
    cookies = [side.facts.schema_cookie for side in case.sides]
    if not case.cluster_evidence or case.same_schema or not all(map(_lasting, case.sides)):
        return
    yield Finding(
        "schema-split",
        "the two nodes have different schemas, and are meant to share one",
        "second",
        (
            *(
                f"{side.name}: schema cookie {cookie}"
                for side, cookie in zip(case.sides, cookies, strict=True)
            ),
            f"they are meant to be one cluster: {case.cluster_evidence}",
            f"{first.name}: running db nodes {in_words(first.facts.running_db_nodes)}",
            f"{second.name}: running db nodes {in_words(second.facts.running_db_nodes)}",
            *(line for side in case.sides for line in side.saw("schema-split")),
        ),
        f"{'first' if case.first_is_new else 'second'} made a new database, from an empty "
        "directory or with a connection that failed. Mnesia never merges two schemas with "
        "different cookies.",
        f"nothing is taken from second, which holds what is left of the cluster: {_exchanged(case)}"
        if case.first_is_new
        else "back up second, clean it, and join it again",
        subjects=(second.node,),
    )


def _exchanged(case: Case) -> str:
    start = case.examined.exchanged or "ejtui --first SECOND --second FIRST"
    return f"`{start} join` gives it to first, too"


def _lasting(side: Side) -> bool:
    """Whether it has a schema on disc: one in memory alone is gone with its VM."""
    facts = side.facts
    return bool(facts.schema_cookie) and (not facts.mnesia_runs or facts.schema.storage == DISC)


def table_cookie(case: Case) -> Iterator[Finding]:
    """Tables of one name that were made twice, once on each side of one schema."""
    seen = [line for side in case.sides for line in side.saw("table-cookie")]
    islands = [] if case.facts.both_run else _islands(case)
    if not (islands or seen):
        return
    names = [table.name for table, _ in islands]
    first, second = (side.name for side in case.sides)
    shown = [
        f"{table.name}: made on {first} ({table.size} record{'' if table.size == 1 else 's'}), and "
        f"apart from it on {second}"
        for table, _ in islands[:SHOWN]
    ]
    yield Finding(
        "table-cookie",
        f"{_named(names)} made twice, once on each node",
        "second",
        (*shown, *seen),
        "Both nodes are of one cluster, and each made this table while the other was away: two "
        "tables of one name, which Mnesia never merges.",
        "choose the side that loses its changes; back it up, clean it, and join it again",
        subjects=tuple(names),
    )


def _named(names: Sequence[str]) -> str:
    if not names:
        return "a table was"
    tables = "the table" if len(names) == 1 else "the tables"
    return f"{tables} {', '.join(names[:SHOWN])} {'was' if len(names) == 1 else 'were'}"


def _islands(case: Case) -> list[tuple[TableFacts, TableFacts]]:
    if not case.same_schema:
        return []
    first, second = (_tables(side) for side in case.sides)
    return [
        (first[name], second[name])
        for name in sorted(first.keys() & second.keys())
        if first[name].cookie and second[name].cookie
        if first[name].cookie != second[name].cookie and not first[name].local_content
    ]


def _tables(side: Side) -> dict[str, TableFacts]:
    facts = side.facts
    disk = facts.disk_schema
    tables = facts.tables if facts.mnesia_runs else disk.tables if disk else ()
    return {table.name: table for table in tables}


def join_hangs(case: Case) -> Iterator[Finding]:
    """Under the node where the transaction runs: a restart of that one frees what it holds."""
    if case.examined.joining or (case.facts.second.kept_erl and case.facts.both_run):
        # An erl that outlived its line copies a table; the next run attaches to it and waits.
        return
    pair = {side.node for side in case.sides}
    for side in case.sides:
        held = [
            (seen, lock)
            for seen in case.sides
            for lock in seen.exam.locks
            if lock.at == side.node or (seen is side and lock.at not in pair)
        ]
        if held:
            yield Finding(
                "join-hangs",
                f"a transaction on {side.name} holds the schema and does not end",
                side.role,
                tuple(f"{seen.name}: schema locked by {lock.transaction}" for seen, lock in held),
                "Every change of the schema waits for it, and so do every join and every node "
                "that starts: change_config never returns.",
                f"end the erl of a join on {side.name}; its copies are made again"
                if side.facts.started == "mnesia"
                else f"restart Mnesia on {side.name}, with consent: its sessions end",
                subjects=tuple(lock.transaction for _, lock in held),
            )


_DATABASE = frozenset({Kind.DATABASE})

FINDINGS = (
    Declaration(
        code="same-database",
        meaning="Second's database is a copy of first's, as on a clone of first's host.",
        rules=(
            # Before the names: it has first's by this.
            Rule("schema", clone, among="resolve", after=("name-style",)),
            Rule("schema", same_database),
        ),
        brings_about=(Kind.DATABASE, "stale-member", "both-localhost", "name-in-use"),
        brings_about_there=(Kind.NOT_RUNNING, "renamed"),
    ),
    Declaration(
        code="renamed",
        meaning="A database belongs to a node of another name: the node or its host was renamed.",
        warns=WARNS,
        rules=(Rule("schema", renamed), in_log("renamed")),
        brings_about=(Kind.DATABASE, "stale-member"),
        brings_about_there=(Kind.NOT_RUNNING,),
        messages=(r"Node name mismatch",),
    ),
    Declaration(
        code="schema-definitions",
        meaning="The two schemas contradict each other about a node or a table.",
        rules=(Rule("schema", schema_definitions),),
        kinds=_DATABASE,
        brings_about=("schema-ram", "partitioned", "stale-member"),
        brings_about_there=(Kind.NOT_RUNNING,),
        messages=(
            r"Incompatible schema storage types",
            r"Cannot merge (?:storage type|definitions)",
        ),
    ),
    Declaration(
        code="schema-ram",
        meaning="second is a member in memory only: it leaves the cluster when it restarts.",
        rules=(Rule("schema", schema_ram),),
        kinds=_DATABASE,
        brings_about=("schema-split", "partitioned", "tables-missing"),
        brings_about_there=(Kind.NOT_RUNNING,),
    ),
    Declaration(
        code="schema-split",
        meaning="Two nodes that were meant to be one cluster have a schema each.",
        warns=WARNS,
        rules=(Rule("schema", schema_split), in_log("schema-split")),
        kinds=_DATABASE,
        brings_about=("partitioned", "tables-missing"),
        brings_about_there=(Kind.NOT_RUNNING,),
        messages=(r"Incompatible schema cookies",),
    ),
    Declaration(
        code="table-cookie",
        meaning="A table was made on each node while they were apart; Mnesia never merges the two.",
        rules=(Rule("schema", table_cookie, after=("schema-split",)),),
        kinds=_DATABASE,
        brings_about=("partitioned", "tables-missing"),
        brings_about_there=(Kind.NOT_RUNNING,),
        messages=(r"Bad cookie in table definition",),
    ),
    Declaration(
        code="join-hangs",
        meaning="A transaction holds the schema and does not end, so every join waits for it.",
        rules=(Rule("schema", join_hangs, after=("other-cluster",)),),
    ),
)
