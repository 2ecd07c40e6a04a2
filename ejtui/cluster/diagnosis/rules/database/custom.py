"""Definitions of tables that a node's own ejabberd.schema changes at its start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ejtui.cluster.diagnosis.declaration import Declaration, Rule
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.facts.examination import CustomSchema
from ejtui.cluster.facts.node import TableFacts
from ejtui.cluster.finding import Finding

SHOWN = 8
"""So many differences are shown."""

RESETS = ("local_content", "type")
"""Options for which ejabberd deletes a table and makes it again, empty."""

_CLUSTER = {
    "attributes": "rewrites the table for the whole cluster, with these columns alone",
    "index": "changes the table's indexes for the whole cluster",
}


def custom_schema(case: Case) -> Iterator[Finding]:
    """A node's ejabberd defines tables otherwise than first's has them."""
    yield from _of_first(case)
    first, second = case.first.exam.custom, case.second.exam.custom
    if first is None or second is None:
        return
    lines, tables, deletes = _differences(case, first, second)
    if not lines:
        return
    member = case.facts.both_run or case.same_schema
    yield Finding(
        "custom-schema",
        _title(case, tables, deletes),
        "second",
        (_file(case.first.name, first), _file(case.second.name, second), *lines),
        _WHY,
        "set second's ejabberd.schema aside, and give second first's, where first has one",
        severity="error" if deletes or not member else "warning",
        subjects=tuple(tables),
    )


def _title(case: Case, tables: list[str], deletes: bool) -> str:
    if not deletes:
        return "second's ejabberd defines tables otherwise than first's"
    if tables:
        named = ", ".join(tables[:SHOWN])
        return f"second's own definitions of tables would delete {named} in the whole cluster"
    unread = [side.name for side in case.sides if side.exam.custom and side.exam.custom.error]
    return f"{' and '.join(unread) or 'a node'}'s own definitions of tables cannot be read"


_WHY = (
    "ejabberd reads ejabberd.schema at each start and changes the cluster's tables to what it "
    "defines. A table of another type or local_content is deleted on every node and made again, "
    "empty; a storage type changes on the node itself."
)


def _of_first(case: Case) -> Iterator[Finding]:
    """First's file defines other tables than it has: its next start deletes them."""
    custom = case.first.exam.custom
    tables = case.second.facts.tables if case.same_schema else ()
    if case.first.facts.mnesia_runs:
        tables = case.first.facts.tables
    if custom is None:
        return
    lines, names = [], []
    for table in tables:
        for key in RESETS:
            wanted, has = _of(custom, table.name).get(key), _has(table, key)
            if wanted and has and wanted != has:
                lines.append(f"{table.name}: first's {key} is {wanted}, the table's is {has}")
                names.append(table.name)
    if lines:
        yield Finding(
            "custom-schema",
            f"first's own definitions of tables would delete {', '.join(names[:SHOWN])} in the "
            "whole cluster",
            "first",
            (_file(case.first.name, custom), *lines[:SHOWN]),
            f"{_WHY} The file was changed since first was started.",
            "set first's ejabberd.schema aside before ejabberd is started there again",
            subjects=tuple(names),
        )


def _file(name: str, custom: CustomSchema) -> str:
    if custom.error:
        return f"{name}: {custom.path} cannot be read: {custom.error}"
    if custom.text is None:
        return f"{name}: there is no {custom.path}"
    named = ", which EJABBERD_MNESIA_SCHEMA names" if custom.elsewhere else ""
    return f"{name}: {custom.path}{named}, defines {', '.join(custom.defined) or 'tables'}"


def _differences(
    case: Case, first: CustomSchema, second: CustomSchema
) -> tuple[list[str], list[str], bool]:
    """What second's start would change, in lines; the tables; whether one is deleted."""
    if first.error or second.error or first.tables is None or second.tables is None:
        if (first.text, first.error) == (second.text, second.error) and not first.error:
            return [], [], False
        return ["what they define could not be read, so what would change is not known"], [], True
    found = [
        (name, key, *_change(case, name, key))
        for name in sorted({*first.tables, *second.tables})
        for key in sorted({*first.tables.get(name, {}), *second.tables.get(name, {})})
    ]
    lines = [(name, line, deletes) for name, _, line, deletes in found if line]
    deleted = sorted({name for name, _, deletes in lines if deletes})
    tables = deleted or sorted({name for name, _, _ in lines})
    return [line for _, line, _ in lines][:SHOWN], tables, bool(deleted)


def _change(case: Case, name: str, key: str) -> tuple[str, bool]:
    """What a start of second makes of one option, "" where nothing; whether it deletes."""
    first, second = _of(case.first.exam.custom, name), _of(case.second.exam.custom, name)
    wanted, theirs = second.get(key), first.get(key)
    now = _now(case, name, key)
    if key in RESETS:
        if wanted is None:
            why = f"{name}: first's file has {key} {theirs}, second's has nothing about it"
            return (f"{why}: where ejabberd's own definition is another, {_DELETES}", True)
        has = now or theirs
        unknown = not has and case.first.facts.table(name) is not None
        if has != wanted and (has or unknown):
            here = f"first's is {has or 'not known'}"
            return f"{name}: second's {key} is {wanted}, {here}: {_DELETES}", True
        return "", False
    if wanted == theirs:
        return "", False
    effect = _CLUSTER.get(key, "changes second's copy at each of its starts")
    given = f"{theirs or 'not given'} on first, {wanted or 'not given'} on second"
    return f"{name}: {key} {given}: it {effect}", False


_DELETES = "second's ejabberd deletes the table in the whole cluster"


def _of(custom: CustomSchema | None, name: str) -> Mapping[str, str]:
    return custom.defined.get(name, {}) if custom else {}


def _now(case: Case, name: str, key: str) -> str:
    """What the cluster's table has now, "" where there is none or it is not known."""
    table = case.first.facts.table(name)
    if table is None:
        return ""
    return _has(table, key)


def _has(table: TableFacts, key: str) -> str:
    return str(table.local_content).lower() if key == "local_content" else table.table_type


FINDINGS = (
    Declaration(
        code="custom-schema",
        meaning="A node's own ejabberd.schema would delete or change the cluster's tables.",
        warns="second is a member already, and no table would be deleted",
        rules=(Rule("tables", custom_schema, after=("tables-missing",)),),
    ),
)
