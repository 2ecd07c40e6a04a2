"""How far one table's copy is: never back, and to its end."""

from __future__ import annotations

from ejtui.cluster.facts.node import DISC, DISC_ONLY, REMOTE, TableFacts
from ejtui.cluster.pace import duration
from ejtui.cluster.run.events import StepProgress
from ejtui.cluster.tables.copies import Copy
from ejtui.cluster.tables.copy_progress import CopyCount, Copying, CopySample
from tests.samples import step

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


def test_it_never_goes_back_and_not_beyond_the_total() -> None:
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


def test_all_tables_are_counted_with_those_that_were_there() -> None:
    """A table that is being copied counts as a part of one, and never as all of it."""
    count = CopyCount(there=23, total=35)
    assert (count.done, count.total) == (23, 35)
    copying = Copying(Copy(TABLE, DISC, REMOTE))
    seen = [
        count.within(copying.seen(CopySample(records, 0, 1.0))) for records in (0, 500, 1000)
    ]  # fmt: skip
    assert seen == [23, 23.5, 23.99]
    count.made()
    assert count.done == 24


def test_a_running_copy_is_described() -> None:
    copying = Copying(Copy(TABLE, DISC, REMOTE))
    assert copying.described(copying.seen(CopySample(500, 0, 2.0))) == (
        "roster: 500 of 1,000 records, 250/s"
    )
    files = Copying(Copy(TABLE, DISC_ONLY, REMOTE))
    assert files.described(files.seen(CopySample(None, 0, 2.0))) == "roster: 0 B of 400 kB"


def test_a_part_of_a_table_is_not_shown_as_one() -> None:
    assert StepProgress(step("tables"), 23.99, 35, "tables").brief == "23/35"


def test_durations_are_short() -> None:
    assert [duration(seconds) for seconds in (4.4, 700, 12_600)] == ["4 s", "12 min", "3.5 h"]


def test_bytes_of_which_nobody_knows_the_total_are_never_nothing() -> None:
    assert StepProgress(step("cleandb"), 62_286, 0, "bytes").brief == "62.3 kB"


def test_nothing_done_of_what_nobody_counted_is_no_amount() -> None:
    assert StepProgress(step("cleandb"), 0, 0, "bytes").brief == ""
    assert StepProgress(step("cleandb"), 0, 0, "accounts").brief == ""
