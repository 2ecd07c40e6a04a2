"""Both nodes' whole state: the first time after connecting, again, and by ejabberdctl."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from measure import Side, bench_lab, report

from ejtui.cluster.pair.pair import Pair
from ejtui.config import load
from ejtui.erlang.probe.client import Probe
from ejtui.lab.lab import Lab

WARM_RUNS = 60
CTL_RUNS = 8
OPENINGS = 5


async def took(act: Callable[[], Awaitable[object]]) -> float:
    """Seconds for one act."""
    started = time.perf_counter()
    await act()
    return time.perf_counter() - started


@contextmanager
def questions() -> Iterator[list[str]]:
    """What the probes are asked meanwhile."""
    asked: list[str] = []
    ask = Probe.ask

    async def counted(self: Probe, question: str, *args: object, **how: Any) -> Any:
        asked.append(question)
        return await ask(self, question, *args, **how)

    Probe.ask = counted  # type: ignore[method-assign]
    try:
        yield asked
    finally:
        Probe.ask = ask  # type: ignore[method-assign]


async def measured(lab: Lab) -> None:
    """Open the pair several times, then ask it many times."""
    opening, first_time, exchanges = [], [], []
    for _ in range(OPENINGS):
        pair = Pair(load(lab.config_path))
        opening.append(await took(pair.open))
        with questions() as asked:
            first_time.append(await took(pair.refresh))
        exchanges.append(len(asked) / 2)
        if len(opening) < OPENINGS:
            await pair.close()
    nodes = (pair.first, pair.second)

    async def both(question: Callable[[int], Awaitable[object]]) -> None:
        await asyncio.gather(*(question(side) for side in (0, 1)))

    async def ctl(side: int) -> None:
        node = nodes[side]
        await node.host.run([node.platform.ejabberdctl, "status"], user=node.host.root)

    async def echo() -> None:
        await both(lambda side: nodes[side].probe.ask("echo", 0))

    try:
        trip = [await took(echo) for _ in range(WARM_RUNS)]
        warm = [await took(pair.refresh) for _ in range(WARM_RUNS)]
        status = [await took(lambda: both(ctl)) for _ in range(CTL_RUNS)]
    finally:
        await pair.close()

    title = "both nodes' whole state, on the lab"
    report(
        f"{title}: connected (SSH, sudo, erl, probe), then asked for the first time",
        Side("connecting to both", opening),
        figure="connecting to both hosts (SSH, sudo, erl, the probe)",
    )
    report(
        f"{title}: first time after connecting",
        Side("first snapshot of both", first_time),
        Side("round trip (an empty question to both)", trip),
    )
    print(f"  questions a host: {max(exchanges):g}; target: one round trip")
    report(
        f"{title}: again",
        Side("warm snapshot of both", warm),
        Side("`ejabberdctl status` on both", status),
        target="20 times faster",
        figure="both nodes' whole state",
    )
    print(f"  {median(status) / median(warm):.0f} times faster")
    over = (min(warm) - min(trip)) * 1000, (median(warm) - median(trip)) * 1000
    print(f"  over one round trip: best {over[0]:.1f} ms, median {over[1]:.1f} ms")
    print("  target: at most 20 ms over one round trip")


def main() -> None:
    """Print the figure."""
    with bench_lab() as lab:
        asyncio.run(measured(lab))


if __name__ == "__main__":
    main()
