"""An online backup of large tables, read to its end, beside `ejabberdctl backup`."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import PurePosixPath

from measure import ROOT, Side, bench_lab, report, row

from ejtui.cluster.pair.pair import Pair
from ejtui.config import load
from ejtui.erlang.probe import questions
from ejtui.lab.lab import Lab

sys.path.insert(0, str(ROOT))
from tests.lab.crowd import fill

LONG = 3600.0


async def measured(lab: Lab, what: str) -> None:
    """Back first up both ways."""
    pair = Pair(load(lab.config_path))
    await pair.open()
    first = pair.first
    spool = PurePosixPath(first.platform.spool_dir)
    ours, theirs = str(spool / "ours.BUP"), str(spool / "theirs.BUP")
    try:
        start = time.perf_counter()
        written = await questions.backup_node(first.probe, ours, timeout=LONG)
        wrote = time.perf_counter()
        read = await questions.read_backup(first.probe, ours, LONG, lambda _: None)
        end = time.perf_counter()
        argv = [first.platform.ejabberdctl, "backup", theirs]
        await first.host.run(argv, user=first.host.root, timeout=LONG)
        beside = time.perf_counter() - end
    finally:
        await pair.close()
    report(
        f"an online backup of {what}: {written.size / 1e6:.0f} MB, {read.records:,} records",
        Side("written, with its checksum", [wrote - start]),
        Side("`ejabberdctl backup`", [beside]),
        figure=f"an online backup of {what}, written",
    )
    row(f"the same, read to its end: {read.records:,} records", f"{end - wrote:.1f} s")
    print(f"  read to its end in {end - wrote:.1f} s")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=200_000)
    wanted = parser.parse_args().accounts
    with bench_lab() as lab:
        accounts, contacts = fill(lab, wanted)
        asyncio.run(measured(lab, f"{accounts:,} accounts with {contacts:,} contacts"))


if __name__ == "__main__":
    main()
