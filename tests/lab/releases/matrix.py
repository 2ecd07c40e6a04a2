"""What every release is put through, and the table of it.

The scenarios are one life of a pair, each beginning where the one before ended.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from ejtui.lab import faults
from ejtui.lab.lab import Lab
from ejtui.lab.people import DOMAIN, GUEST
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import ctl, engine
from tests.lab.cluster.operator import joined_with_the_operator
from tests.lab.cluster.repair_table import THEIRS
from tests.lab.releases.changes import backed_up_under_changes
from tests.lab.releases.roots import SUITES
from tests.tables import row_of, table

ROW = row_of(__name__)
"""Under this name a test's report has its row's cells."""

REPAIRED = ("cookie-mismatch", "dir-root-owned", "schema-split")
"""A secret, the files, the database: one fault of each."""


async def join(lab: Lab) -> None:
    """Everything from two nodes to a pair, as a script does it."""
    status, answer = Ejtui(lab).json("join", "--yes")
    assert status == 0, answer
    assert {step["state"] for step in answer["steps"]} == {"done"}
    for host in ("first", "second"):
        assert set(ctl(lab, host, "registered_users", DOMAIN)) == THEIRS


async def check(lab: Lab) -> None:
    """The pair is healthy."""
    status, answer = Ejtui(lab).json("check")
    assert (status, answer["findings"]) == (0, []), answer


def repair(code: str) -> Callable[[Lab], Awaitable[None]]:
    """The fault is made, named before any other, and repaired; nothing is wrong then."""

    async def repaired(lab: Lab) -> None:
        faults.make(code, lab=lab)
        status, answer = Ejtui(lab).json("check")
        assert status == 1, answer
        assert [finding["code"] for finding in answer["findings"]][:1] == [code], answer
        status, answer = Ejtui(lab).json("repair", code, "--yes")
        assert status == 0, answer
        await check(lab)

    return repaired


async def takeover(lab: Lab) -> None:
    """A join in whose midst the operator types into the live erl, and hands it back."""
    async with engine(lab) as one:
        await joined_with_the_operator(one, "tables")
        facts = await one.pair.refresh()
        assert (facts.first.accounts, facts.second.accounts) == (len(THEIRS), len(THEIRS))


async def rollback(lab: Lab) -> None:
    """Each node is alone again, with its own accounts."""
    ran = Ejtui(lab)("rollback", "--yes")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for host, own in (("first", THEIRS), ("second", {GUEST})):
        assert set(ctl(lab, host, "registered_users", DOMAIN)) == own
        assert ctl(lab, host, "list_cluster") == [lab.form.node(host)]


LIFE: Mapping[str, Callable[[Lab], Awaitable[None]]] = {
    "online backup": backed_up_under_changes,
    "join": join,
    "check": check,
    "rollback": rollback,
    "takeover": takeover,
}
"""In their order; repairs come after it."""

SCENARIOS = {**LIFE, **{code: repair(code) for code in REPAIRED}}
"""In their order."""

HEAD = ("release", "ejabberd", "OTP", "hosts up", *SCENARIOS, "in all")


def versions(lab: Lab) -> tuple[str, str]:
    """The ejabberds' and the Erlangs' versions, as the running nodes report them."""
    status, answer = Ejtui(lab).json("status")
    assert status == 0, answer
    nodes = [answer["first"], answer["second"]]
    told = [[node[key] for node in nodes] for key in ("ejabberd_version", "otp_release")]
    ejabberds, otps = (" + ".join(dict.fromkeys(each)) for each in told)
    return ejabberds, otps


def markdown(rows: Iterable[Sequence[str]]) -> str:
    """The whole table, from the rows' cells in any order."""
    pairs = [*SUITES, *{row[0] for row in rows}]
    return table(HEAD, sorted(rows, key=lambda row: pairs.index(row[0])))
