"""Two releases of ejabberd: which tables of the cluster the newer one changes at its start."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ejtui.cluster.diagnosis.declaration import Declaration, Rule
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.cluster.finding import Finding

CHANGES: tuple[tuple[str, str, str], ...] = (
    (
        "24.02",
        "archive_msg",
        "gets another column: the older node stops with a failed transform_table",
    ),
    (
        "25.03",
        "passwd",
        "gets other keys on every node: the older ejabberd then knows no account",
    ),
    ("26.02", "muc_occupant_id", "is deleted on every node"),
)
"""(release, table, what its ejabberd does with the table at its start)."""


def version_differs(case: Case) -> Iterator[Finding]:
    """Before the rules about a node that does not run: starting it may be what does the harm."""
    facts = case.facts
    if not differ(facts.first, facts.second):
        return
    older, newer = sorted((facts.first, facts.second), key=lambda node: number(_version(node)))
    crossed = changes(older, newer)
    tables = [f"at its start, ejabberd {_version(newer)}: {line}" for line in crossed]
    yield Finding(
        "version-differs",
        "the two ejabberds differ in version",
        "both",
        (*(f"{side.name}: ejabberd {side.facts.ejabberd_version}" for side in case.sides), *tables),
        "Tables of one release are unknown to the other, or have other columns. The newer ejabberd "
        "changes the tables of the whole cluster when it starts, and an older one cannot read them "
        "any more.",
        "bring both to the same release first",
    )


def differ(one: NodeFacts, other: NodeFacts) -> bool:
    """Whether both releases are known, and are not the same."""
    versions = {release(one.ejabberd_version), release(other.ejabberd_version)}
    return "" not in versions and len(versions) == 2


def changes(one: NodeFacts, other: NodeFacts) -> list[str]:
    """What the newer of two releases is known to change, one line a table."""
    older, newer = sorted(number(_version(node)) for node in (one, other))
    return [
        f"{table} {what} (since {since})"
        for since, table, what in CHANGES
        if older < number(since) <= newer
    ]


def mixed(facts: PairFacts) -> bool:
    """Whether both nodes are of one cluster and of two releases."""
    cookie = facts.first.schema_cookie
    return (
        bool(cookie) and cookie == facts.second.schema_cookie and differ(facts.first, facts.second)
    )


def release(version: str) -> str:
    """An ejabberd's own version, without its package's: 24.12 of 24.12-3+deb13u2."""
    return re.split("[-+~]", version, maxsplit=1)[0]


def number(version: str) -> tuple[int, ...]:
    """A release as numbers that can be compared: (24, 12) of 24.12."""
    return tuple(int(part) for part in re.findall(r"\d+", release(version)))


def _version(node: NodeFacts) -> str:
    return release(node.ejabberd_version)


FINDINGS = (
    Declaration(
        code="version-differs",
        meaning="The two nodes run different releases of ejabberd.",
        rules=(Rule("ejabberd", version_differs),),
        instead="upgrade ejabberd yourself: bring both nodes to one release first",
        not_in_lab="it takes the packages of another ejabberd, and this computer has one",
    ),
)
