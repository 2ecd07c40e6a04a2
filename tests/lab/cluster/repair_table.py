"""Every code of the catalogue: made for real, named, repaired, looked at again; as a table.

`python -m tests.lab.cluster.repair_table [CODE…]` brings a lab up, runs all (or those codes) and
prints the table as Markdown. So does `pytest -m catalogue`, at its end.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ejtui.cluster.repairs.registry import why_none
from ejtui.lab import faults
from ejtui.lab.errors import LabError
from ejtui.lab.faults.members import JOINER
from ejtui.lab.faults.node import second
from ejtui.lab.faults.visitor import Visitor
from ejtui.lab.forms.tree import OPERATOR
from ejtui.lab.lab import Lab, down, up
from ejtui.lab.people import DOMAIN, GUEST, people
from ejtui.lab.place import Place
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import ctl
from tests.tables import row_of, table

THEIRS = frozenset(person.user for person in people("first"))

# Whether a name stands in second's database files; and in what the backups have of accounts.
_ON_DISC = 'cd "$1" && grep -qas "$2" passwd.* LATEST.LOG'
_KEPT = 'cd "$1/ejtui-backups" && grep -qs "$2" */manifest.json */only-second.json'


@dataclass(frozen=True)
class Row:
    """What was seen of one code; an empty word is what was never come to."""

    code: str
    made: str = ""
    named: str = ""
    repaired: str = ""
    checked: str = ""
    first: str = ""
    second: str = ""
    own: str = ""
    seconds: float = 0.0
    trouble: str = ""

    @property
    def well(self) -> bool:
        """Whether all of it came out as it must."""
        return not self.trouble


HEAD = (
    "code", "made", "named first", "repaired", "check after", "first's 25 on first", "on second",
    "second's own", "took",
)  # fmt: skip

ROW = row_of(__name__)
"""Under this name a test's report has its row's cells."""

TAKEN = "no: by the fault"

_NOTES = f"""\
*no member*: the pair was not joined, and second serves its own account. *{TAKEN}*: the
fault begins with ejabberd's own `join_cluster`, which keeps no account of second's, or with an
empty disc; of `partitioned`, the account made on second while they were apart is in the backup.
*By hand*: the third node was ended. *Took*: from making the fault to the last look; `ejtui` ran
three times or more."""


def cells(row: Row) -> tuple[str, ...]:
    """The row as words."""
    took = f"{row.seconds:.0f} s" if row.seconds else ""
    named = "yes" if row.named == row.code else row.named
    return (
        row.code, row.made, named, row.repaired, row.checked, row.first, row.second, row.own,
        took,
    )  # fmt: skip


def markdown(rows: Iterable[Sequence[str]]) -> str:
    """The whole table, from the rows' cells in any order, and what it leaves open, with why."""
    order = list(faults.FAULTS)
    made = sorted(rows, key=lambda row: order.index(row[0]))
    unmended = [f"- `{row[0]}`: {why_none(row[0])}." for row in made if why_none(row[0])]
    impossible = [f"- `{each.code}`: {each.why}." for each in faults.IMPOSSIBLE.values()]
    lines = [table(HEAD, made), "", _NOTES]
    if unmended:
        lines += ["", "Named, and left to the operator:", "", *unmended]
    return "\n".join([*lines, "", "Not made in a lab:", "", *impossible])


def row(lab: Lab, code: str) -> Row:
    """Makes the fault on two fresh nodes, and goes the whole way with `ejtui` itself."""
    began = time.monotonic()
    seen = _seen(lab, code, Row(code))
    return replace(seen, seconds=time.monotonic() - began)


def _seen(lab: Lab, code: str, row: Row) -> Row:
    ejtui = Ejtui(lab)
    try:
        faults.make(code, lab=lab)
    except LabError as error:
        return replace(row, made="failed", trouble=f"the fault was not made: {error}")
    had = _on_disc(lab, GUEST)
    status, answer = ejtui.json("check")
    codes = [finding["code"] for finding in answer.get("findings", ())]
    row = replace(row, made="yes", named=codes[0] if codes else "nothing")
    if codes[:1] != [code] or status != 1:
        return replace(row, trouble=f"check: {status}, {codes}, {answer.get('error')}")
    none = why_none(code)
    status, answer = ejtui.json("repair", code, "--yes")
    if none:
        refused = status == 1 and none in json.dumps(answer)
        row = replace(row, repaired="no repair")
        if not refused:
            return replace(row, trouble=f"repair: {status}, {answer.get('error')}")
        return _by_hand(lab, row, had) if code in BY_HAND else row
    if status != 0:
        return replace(row, repaired="failed", trouble=f"repair: {answer.get('error')}")
    status, answer = ejtui.json("check")
    left = [finding["code"] for finding in answer.get("findings", ())]
    row = replace(row, repaired="yes", checked=f"exit {status}")
    if status != 0:
        return replace(row, trouble=f"check afterwards: {status}, {left}, {answer.get('error')}")
    return _accounts(lab, row, had)


def _by_hand(lab: Lab, row: Row, had: bool) -> Row:
    """What no repair does is done, and then the repairs of whatever that leaves."""
    BY_HAND[row.code](lab)
    ejtui, repaired = Ejtui(lab), ["by hand"]
    for _ in range(MOST_REPAIRS):
        status, answer = ejtui.json("check")
        codes = [finding["code"] for finding in answer.get("findings", ())]
        if status == 0:
            row = replace(row, repaired=", then ".join(repaired), checked="exit 0")
            return _accounts(lab, row, had)
        if not codes:
            break
        status, answer = ejtui.json("repair", codes[0], "--yes")
        if status != 0:
            break
        repaired.append(codes[0])
    return replace(row, trouble=f"after {repaired}: {status}, {codes}, {answer.get('error')}")


def _end_stranger(lab: Lab) -> None:
    """The third node, which first does not reach, ends."""
    second(lab).script('kill -KILL $(pgrep -u "$1" beam)', OPERATOR)


def _end_joiner(lab: Lab) -> None:
    """The other node's join is given up."""
    Visitor(lab, JOINER).stop()


def _correct_settings(lab: Lab) -> None:
    """The line that is too much goes."""
    node = second(lab)
    node.script('sed -i "\\$d" "$(readlink -f "$1")"', node.control_file)


BY_HAND: Mapping[str, Callable[[Lab], None]] = {
    "overlapping": _end_stranger,
    "concurrent-join": _end_joiner,
    "settings-syntax": _correct_settings,
}
"""What is the operator's to do, where nothing of it is ejtui's."""

MOST_REPAIRS = 3
"""So many looks are taken after it, each with the repair of what it finds."""


def _accounts(lab: Lab, row: Row, had: bool) -> Row:
    """First's accounts on both nodes, or on first where second is no member; second's own."""
    first = set(ctl(lab, "first", "registered_users", DOMAIN))
    second = set(ctl(lab, "second", "registered_users", DOMAIN))
    member = lab.form.node("second") in ctl(lab, "first", "list_cluster")
    own = "on second" if GUEST in second else "in the backup" if kept(lab, GUEST) else ""
    trouble = []
    if not first >= THEIRS or (member and second != first):
        trouble.append(f"accounts: first {sorted(first)}, second {sorted(second)}")
    if had and not own:
        trouble.append("second's own account is gone")
    if row.code == "partitioned" and not kept(lab, "while_apart_on_second"):
        trouble.append("what second alone had is not in the backup")
    return replace(
        row,
        first=f"{len(first & THEIRS)}",
        second=f"{len(second & THEIRS)}" if member else "no member",
        own=own or TAKEN,
        trouble="; ".join(trouble),
    )


def _on_disc(lab: Lab, name: str) -> bool:
    argv = ["sh", "-c", _ON_DISC, "grep", lab.form.home("second"), name]
    return lab.run("second", argv, check=False).returncode == 0


def kept(lab: Lab, name: str) -> bool:
    """Whether one of the backups on second names that account."""
    argv = ["sh", "-c", _KEPT, "grep", lab.form.home("second"), name]
    return lab.run("second", argv, check=False).returncode == 0


def main(codes: list[str]) -> int:
    """A separate lab, every code, the table; 1 when a row did not come out."""
    place = Place()
    lab = up(place=place)
    rows = []
    try:
        for each in faults.listing(lab):
            if each.why_not is not None or (codes and each.code not in codes):
                continue
            lab.reset()
            rows.append(row(lab, each.code))
            print(" ".join(filter(None, (*cells(rows[-1]), rows[-1].trouble))), file=sys.stderr)
    finally:
        down(place)
    print(markdown(map(cells, rows)))
    return 0 if all(row.well for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
