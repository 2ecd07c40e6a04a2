"""Large tables: near the limit of a file that dets writes, and those whose copy takes long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ejtui.amounts import amount
from ejtui.cluster.diagnosis.declaration import Declaration, Rule
from ejtui.cluster.diagnosis.rules.case import Case, Side
from ejtui.cluster.facts.node import DISC_ONLY, REMOTE, TableFacts
from ejtui.cluster.finding import Finding
from ejtui.cluster.tables import waiting

LIMIT = 2 * 1024**3
"""Bytes that the file of a table that is on disk alone can have: dets refuses to write more."""

NEAR = 1.6e9
"""Bytes from which a table is near the limit: a copy and a busy month may need the rest."""

LARGE = 100e6
"""Bytes from which an archive is named before it is copied."""

ARCHIVE = ("archive_msg",)
PUBSUB = ("pubsub_item", "pubsub_state", "pubsub_node")


def table_near_limit(case: Case) -> Iterator[Finding]:
    """Tables on disk alone whose file is nearly as large as dets lets it become."""
    near = [(side, table) for side in case.sides for table in _near(side)]
    if not near:
        return
    names = tuple(dict.fromkeys(table.name for _, table in near))
    roles = {side.role for side, _ in near}
    yield Finding(
        "table-near-limit",
        f"{', '.join(names)} on disk alone {_are(names)} nearly as large as Erlang lets a file be",
        "both" if len(roles) == 2 else roles.pop(),
        tuple(
            f"{side.name}: the file of {table.name} has {amount(table.memory)} of "
            f"{amount(LIMIT)}, {table.size:,} records"
            for side, table in near
        ),
        "A table that Mnesia keeps on disk alone is one file of at most 2 GB. When it is full, "
        "what ejabberd writes is refused, and a copy on another node breaks off.",
        "make it smaller first",
        subjects=names,
    )


def _near(side: Side) -> list[TableFacts]:
    return [
        table for table in side.facts.tables if table.storage == DISC_ONLY and table.memory >= NEAR
    ]


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def mam_in_mnesia(case: Case) -> Iterator[Finding]:
    """An archive of messages in Mnesia that a join still has to copy."""
    tables = _to_copy(case, ARCHIVE)
    if tables:
        yield _large(
            "mam-in-mnesia",
            "the archive of messages is large and lives in Mnesia",
            tables,
            "mod_mam keeps every message of every user in one table, of at most 2 GB. A join "
            "copies all of it, and every message that is archived on first waits meanwhile.",
        )


def pubsub_in_mnesia(case: Case) -> Iterator[Finding]:
    """Items of pubsub and PEP in Mnesia, many of them, that a join still has to copy."""
    tables = _to_copy(case, PUBSUB)
    if tables:
        yield _large(
            "pubsub-in-mnesia",
            "pubsub's items are large and live in Mnesia",
            tables,
            "mod_pubsub keeps avatars, keys and bookmarks of all users (PEP) in these tables. A "
            "join copies all of them, and who publishes on first waits meanwhile.",
        )


def _to_copy(case: Case, names: Sequence[str]) -> list[TableFacts]:
    """Those of first's tables that are large and that second has no copy of."""
    first, second = case.first.facts, case.second.node
    return [
        table
        for table in first.tables
        if table.name in names
        and table.storage != REMOTE
        and table.storage_on(second) == REMOTE
        and table.name not in case.examined.remote
        and table.memory >= LARGE
    ]


def _large(code: str, title: str, tables: Sequence[TableFacts], why: str) -> Finding:
    return Finding(
        code,
        title,
        "first",
        tuple(
            f"first: {table.name} has {table.size:,} records, {amount(table.memory)}; its copy "
            f"takes about {waiting.estimate(table):.0f} s"
            for table in tables
        ),
        why,
        "make it smaller first, or join when few people are there",
        subjects=tuple(table.name for table in tables),
    )


FINDINGS = (
    Declaration(
        code="table-near-limit",
        meaning="A table's file is near the 2 GB that Erlang lets it have.",
        severity="warning",
        rules=(Rule("tables", table_near_limit),),
        messages=(r"MAM archives too large",),
        instead="make the table smaller: `ejabberdctl delete_old_mam_messages`, "
        "`delete_old_messages` or `delete_old_pubsub_items`, as the table is; or keep it in memory "
        "and on disk (`disc_copies`, in ejtui's tables), or in SQL",
        not_in_lab="it takes a table of nearly 2 GB",
    ),
    Declaration(
        code="mam-in-mnesia",
        meaning="A large archive of messages in Mnesia must be copied.",
        severity="warning",
        rules=(Rule("tables", mam_in_mnesia),),
        instead="delete what is old with `ejabberdctl delete_old_mam_messages`, or keep the "
        "archive in SQL (`db_type: sql` of mod_mam): then nothing of it is copied",
        not_in_lab="it takes a large archive",
    ),
    Declaration(
        code="pubsub-in-mnesia",
        meaning="Many items of pubsub in Mnesia must be copied.",
        severity="warning",
        rules=(Rule("tables", pubsub_in_mnesia),),
        instead="delete what is old with `ejabberdctl delete_old_pubsub_items` and "
        "`delete_expired_pubsub_items`, or keep the items in SQL (`db_type: sql` of mod_pubsub)",
        not_in_lab="it takes many items",
    ),
)
