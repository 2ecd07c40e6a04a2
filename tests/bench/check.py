"""The troubleshooter on a healthy pair, once connected, beside ejabberdctl status on both."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from measure import Side, bench_lab, report

from ejtui.cluster.join.check import check
from ejtui.cluster.pair.node import Node
from ejtui.cluster.pair.pair import Pair
from ejtui.config import load
from ejtui.lab.faults.joined import ensure_joined
from ejtui.lab.lab import Lab

RUNS = 20
CTL_RUNS = 8


async def took(act: Callable[[], Awaitable[object]], runs: int) -> list[float]:
    """Seconds for each of several runs of an act."""
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        await act()
        seconds.append(time.perf_counter() - started)
    return seconds


async def measured(lab: Lab, which: str) -> None:
    """Check the pair many times, then ask ejabberdctl."""
    pair = Pair(load(lab.config_path))
    await pair.open()

    async def ctl(node: Node) -> None:
        await node.host.run([node.platform.ejabberdctl, "status"], user=node.host.root)

    try:
        seen = await check(pair)
        if not seen.healthy:
            raise SystemExit(f"the lab is not healthy: {seen.findings or seen.looked_at}")
        ours = await took(lambda: check(pair), RUNS)
        both = (pair.first, pair.second)
        theirs = await took(lambda: asyncio.gather(*map(ctl, both)), CTL_RUNS)
    finally:
        await pair.close()
    report(
        f"a check of a healthy {which} pair, every layer, on the lab",
        Side("check", ours),
        Side("`ejabberdctl status` on both", theirs),
        target="under a second",
        figure=f"a check of every layer, {which}",
    )


def main() -> None:
    """Print the figure."""
    with bench_lab() as lab:
        asyncio.run(measured(lab, "unjoined"))
        ensure_joined(lab, print)
        asyncio.run(measured(lab, "joined"))


if __name__ == "__main__":
    main()
