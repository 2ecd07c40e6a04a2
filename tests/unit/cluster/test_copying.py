"""How far one table's copy is: never back, and to its end."""

from __future__ import annotations

from ejtui.cluster.facts.node import DISC, DISC_ONLY, REMOTE, TableFacts
from ejtui.cluster.pace import duration
from ejtui.cluster.tables.copies import Copy
from ejtui.cluster.tables.copy_progress import Copying, CopySample

TABLE = TableFacts("roster", storage=DISC, size=1000, memory=400_000)


def test_a_table_in_memory_is_counted_in_records() -> None:
    copying = Copying(Copy(TABLE, DISC, REMOTE))
    looks = [CopySample(None, 0, 0.5), CopySample(200, 80_000, 1.0), CopySample(500, 200_000, 2.0)]
    none, some, half = [copying.seen(look) for look in looks]
    assert (none.done, none.total, none.unit, none.rate, none.left) == (0, 1000, "records", 0, "")
    assert (some.done, some.rate, some.left) == (200, 200, "about 4 s left")
    assert (half.done, half.rate, half.left) == (500, 250, "about 2 s left")


def test_one_on_disc_is_counted_in_bytes() -> None:
    copying = Copying(Copy(TABLE, DISC_ONLY, REMOTE))
    seen = copying.seen(CopySample(None, 100_000, 1.0))
    assert (seen.done, seen.total, seen.unit) == (100_000, 400_000, "bytes")
    assert seen.left == "about 3 s left"


def test_it_never_goes_back_and_ends_at_the_total() -> None:
    copying = Copying(Copy(TABLE, DISC, REMOTE))
    copying.seen(CopySample(900, 0, 1.0))
    assert copying.seen(CopySample(100, 0, 2.0)).done == 900
    # First is live: there may be more than there was.
    full = copying.seen(CopySample(1005, 0, 3.0))
    assert (full.done, full.left) == (
        1000, "all copied; second writes it to its disc and makes its indexes",
    )  # fmt: skip
    later = copying.seen(CopySample(1005, 0, 30.0))
    assert later.rate == full.rate, "what is copied has been copied at that rate"
    ended = copying.ended()
    assert (ended.done, ended.total, ended.left) == (1000, 1000, "")


def test_durations_are_short() -> None:
    assert [duration(seconds) for seconds in (4.4, 700, 12_600)] == ["4 s", "12 min", "3.5 h"]
