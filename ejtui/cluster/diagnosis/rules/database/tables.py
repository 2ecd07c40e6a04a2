"""Tables: copies that are missing, and tables that wait for a node."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ejtui.cluster.diagnosis.declaration import Declaration, Kind, Rule
from ejtui.cluster.diagnosis.rules.case import Case, Side
from ejtui.cluster.facts.node import RAM, REMOTE, TableFacts, in_words
from ejtui.cluster.finding import Finding

SHOWN = 8
"""So many tables are named."""


def tables_missing(case: Case) -> Iterator[Finding]:
    """Tables that one side holds and the other does not; those chosen to stay remote are well."""
    if not (case.facts.both_run or case.facts.first_keeps_second):
        return
    for here, there in case.ways:
        names = [
            table.name
            for table in there.facts.tables
            if table.storage != REMOTE
            and not table.local_content
            and table.name not in case.examined.remote
            and _lacks(here, table, together=case.facts.both_run)
            and not _not_used(here, table)
        ]
        if not names:
            continue
        yield Finding(
            "tables-missing",
            f"{len(names)} of {there.name}'s tables have no copy on {here.name}",
            here.role,
            (
                f"{here.name}: no copy of {listed(names)}",
                f"{there.name}: holds them all",
                *here.saw("tables-missing"),
            ),
            f"The schema is shared, and these tables live on {there.name} alone: {here.name} "
            f"reads them over the net, and has nothing when {there.name} is away.",
            f"add_table_copy on {here.name} for each",
            subjects=tuple(names),
            severity="error" if here.role == "second" else "warning",
            repaired_by="tables" if here.role == "second" else "",
        )


def _lacks(side: Side, table: TableFacts, *, together: bool) -> bool:
    if not together:
        return side.role == "second" and table.storage_on(side.node) == REMOTE
    own = side.facts.table(table.name)
    return own is None or own.storage == REMOTE


def _not_used(side: Side, table: TableFacts) -> bool:
    """Whether first keeps in SQL what the other node made an empty table for, or one in memory."""
    bare = table.size == 0 or table.storage == RAM
    return side.role == "first" and bare and side.exam.settings.uses_sql


def tables_waiting(case: Case) -> Iterator[Finding]:
    for here, there in ((case.second, case.first), (case.first, case.second)):
        facts = here.facts
        if facts.vm != "up" or facts.mnesia not in ("yes", "starting"):
            continue
        names = facts.waiting
        if not names:
            continue
        holders = {node for table in facts.tables if table.name in names for node in table.holders}
        away = sorted(holders - {here.node, *facts.running_db_nodes})
        yield Finding(
            "tables-waiting",
            f"{_counted(names)} on {here.name} wait{'s' * (len(names) == 1)} for "
            f"{', '.join(away) or 'their loading'}",
            here.role,
            (
                f"{here.name}: Mnesia can read nowhere (where_to_read): {listed(names)}",
                f"{here.name}: running db nodes {in_words(facts.running_db_nodes)}",
                f"{there.name}: VM {there.facts.vm}, {there.facts.mnesia_words}",
                *here.unit_state(),
            ),
            f"{here.name} went down before {', '.join(away) or 'the others'}, which may hold "
            "newer records: Mnesia loads nothing of these tables before it has asked there.",
            f"start {', '.join(away) or 'the others'}; else force_load_table, with consent: what "
            "was written there since is lost",
            sure=bool(away),
            settled_by="" if away else "another look after a while: they may be loading",
            subjects=names,
            # No cookie, port or net brings what the other node has no more.
            apart=here.role == "first" and bool(there.facts.schema_cookie) and not case.same_schema,
        )


def _counted(names: Sequence[str]) -> str:
    return f"{len(names)} table{'' if len(names) == 1 else 's'}"


def listed(names: Sequence[str]) -> str:
    """The first of them by name."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"


FINDINGS = (
    Declaration(
        code="tables-waiting",
        meaning="Tables wait for a node that may have newer records.",
        rules=(Rule("tables", tables_waiting),),
        kinds=frozenset({Kind.SEPARATION}),
        brings_about=(Kind.NOT_RUNNING, "tables-missing"),
        waits=True,
        passes=True,
    ),
    Declaration(
        code="tables-missing",
        meaning="A node has no copy of some tables of the cluster.",
        warns="it is first that has none",
        rules=(Rule("tables", tables_missing),),
        messages=(r"no_exists",),
    ),
)
