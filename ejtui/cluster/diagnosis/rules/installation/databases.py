"""Nodes that keep accounts in SQL, each in a database that has other accounts."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.cluster.administration import meanings
from ejtui.cluster.diagnosis.rules.case import Case, Side
from ejtui.cluster.facts.settings import Options
from ejtui.cluster.finding import Finding

LOCAL = "localhost"
"""What is shown of a sql_server that is the host itself."""

OWN = "a database of each host"
"""The subject of a finding that no setting of first's repairs."""

_NAMING = ("sql_type", "sql_server", "sql_port", "sql_database")
"""The options that name a database."""

_NO_LOGIN = "an account of first's cannot log in on second"


def two_databases(case: Case) -> Iterator[Finding]:
    """Two databases that both ejabberd.yml name alike: files, own servers, one name for two."""
    found = [(host, why) for host in _in_sql(case) if (why := _alike_apart(case, host))]
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
        consequences=(_NO_LOGIN,),
        subjects=(OWN,),
    )


def apart_by_name(case: Case) -> tuple[str, ...]:
    """What shows that the differing names of two databases are no two names of one."""
    hosts = [
        host
        for host in _in_sql(case)
        if _differing(*_options(case, host)) and not _same_accounts(case, host)
    ]
    return tuple(f"{host}: the accounts in SQL are not the same" for host in hosts)


def _in_sql(case: Case) -> list[str]:
    """The virtual hosts whose accounts both nodes keep in SQL."""
    if case.one_machine or not (case.first.facts.ejabberd and case.second.facts.ejabberd):
        return []
    return [
        host
        for host in case.first.exam.settings.hosts
        if all("sql" in _text(options, "auth_method") for options in _options(case, host))
    ]


def _alike_apart(case: Case, host: str) -> str:
    """Why the accounts of this virtual host are in two databases, "" where they may be in one."""
    here, there = _options(case, host)
    if _differing(here, there):
        return ""
    file = _text(here, "sql_type") == "sqlite"
    # A database on each host may be a replica of the other one; two new files are none.
    if _same_accounts(case, host) and not (file and not case.first.facts.accounts):
        return ""
    if file:
        return f"sql_type: sqlite on both, a file of each host: {_text(here, 'sql_database')}"
    if _text(here, "sql_server") == LOCAL:
        return f"sql_server: {LOCAL} on both, and the accounts are not the same"
    if None in _marks(case, host):
        return ""  # Between two counts an account may have come or gone.
    return "sql_server is the same on both, and leads to two servers: the accounts are not the same"


def _same_accounts(case: Case, host: str) -> bool:
    """By their names where both are known, else by their number."""
    one, two = _marks(case, host)
    if one is None or two is None:
        return case.first.facts.accounts == case.second.facts.accounts
    return one == two


def _marks(case: Case, host: str) -> tuple[str | None, str | None]:
    one, two = (side.exam.settings.accounts.get(host) for side in case.sides)
    return one, two


def _differing(here: Options, there: Options) -> bool:
    """Whether the two name their databases in different words."""
    if all(_text(options, "sql_type") == "sqlite" for options in (here, there)):
        return False  # A file is its host's, wherever it lies.
    both = [name for name in _NAMING if name in here and name in there]
    return any(not here[name].same(there[name]) for name in both)


def _options(case: Case, host: str) -> tuple[Options, Options]:
    def of(side: Side) -> Options:
        return side.exam.settings.options.get(host, {})

    return of(case.first), of(case.second)


def _text(options: Options, name: str) -> str:
    return options[name].text if name in options else ""
