"""A process that prints on after its input has ended: what is kept of it is bounded."""

from __future__ import annotations

import asyncio
from typing import Any

from ejtui.hosts.programs.process import LINE_LIMIT, Process, ProcessSink


class PrintsOn:
    """Prints without end from the end of its input on, and cannot be paused."""

    def __init__(self, sink: ProcessSink) -> None:
        self.sink = sink

    def write_eof(self) -> None:
        for _ in range(64):
            self.sink.received(b"x" * (LINE_LIMIT // 8) + b"\n", error=False)
        self.sink.closed(None)

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def close(self) -> None: ...


async def test_what_is_printed_while_it_is_closed_is_bounded() -> None:
    sink = ProcessSink()
    spawned: Any = PrintsOn(sink)
    process = Process(spawned, sink, lambda _: asyncio.sleep(0))
    sink.received(b"before\n", error=False)
    await process.close()
    kept = await process.read()
    assert kept.startswith(b"before\nx")
    assert len(kept) <= LINE_LIMIT + len(b"before\n")
