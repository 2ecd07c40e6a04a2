"""Nodes that name the same SQL database, which is each host's own."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.cluster.administration import meanings
from ejtui.cluster.diagnosis.rules.case import Case, Side
from ejtui.cluster.finding import Finding

LOCAL = "localhost"
"""What is shown of a sql_server that is the host itself."""


OWN = "a database of each host"
"""The subject of a finding that no setting of first's repairs."""


def two_databases(case: Case) -> Iterator[Finding]:
    """Accounts in SQL on each host itself: in a file, or on a server that has other accounts."""
    if case.one_machine or not (case.first.facts.ejabberd and case.second.facts.ejabberd):
        return
    found = [(host, why) for host in case.first.exam.settings.hosts if (why := _apart(case, host))]
    if not found:
        return
    yield Finding(
        meanings.DATABASE,
        "each node keeps accounts in an SQL database of its host",
        "second",
        (
            *(f"{host}: {why}" for host, why in found),
            *(f"{side.name}: {side.facts.accounts} accounts" for side in case.sides),
        ),
        "A join shares Mnesia's tables and nothing of SQL: the two nodes would be one cluster with "
        "two sets of accounts.",
        "set sql_type and sql_server in both ejabberd.yml to one server that both hosts reach, and "
        "bring the accounts there (`ejabberdctl export2sql`, or the database's own tools)",
        severity="error",
        consequences=("an account of first's cannot log in on second",),
        subjects=(OWN,),
    )


def _apart(case: Case, host: str) -> str:
    """Why the accounts of this virtual host are in two databases, "" where they may be in one."""
    values = [_values(side, host) for side in case.sides]
    if any("sql" not in value.get("auth_method", "") for value in values):
        return ""
    one, two = (side.facts.accounts for side in case.sides)
    file = all(value.get("sql_type") == "sqlite" for value in values)
    # A database on each host may be a replica of the other one.
    if one == two and (one or not file):
        return ""
    if file:
        return f"sql_type: sqlite on both, a file of each host: {values[0].get('sql_database')}"
    local = all(value.get("sql_server") == LOCAL for value in values)
    return f"sql_server: {LOCAL} on both, and the accounts are not the same" if local else ""


def _values(side: Side, host: str) -> dict[str, str]:
    options = side.exam.settings.options.get(host, {})
    return {name: setting.text for name, setting in options.items()}
