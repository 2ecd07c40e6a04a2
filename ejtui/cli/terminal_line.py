"""A line that a person types at a terminal, after the prompt was painted there."""

from __future__ import annotations

import asyncio
import os
import re
import termios
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

_STATUS = b"\x1b[5n"
"""Asks a terminal whether it is well; its reply comes behind all that was typed before."""
_WELL = re.compile(rb"\x1b\[0n")
_REPLIES_WITHIN = 1.0
"""Seconds; what a terminal that replies later has sent before is dropped when it does."""
_ECHO = 3
"""Where termios keeps the local modes."""
_END_OF_FILE = b"\x04"


async def read_typed(number: int, *, echo: bool) -> bytes:
    """The line typed at the terminal `number` from now on, with its end; empty where it ends.

    The prompt must stand there already. What was typed before the terminal had painted it is
    dropped: it was meant for something else. Cancelling it leaves the terminal as it was.
    """
    begin = b""
    if os.environ.get("TERM", "dumb") != "dumb":
        begin = await _typed_since_painted(number)
    line, ends, _rest = begin.partition(b"\n")
    if echo:
        os.write(number, line.replace(_END_OF_FILE, b"") + ends)
    if ends or _END_OF_FILE in line:
        return line.replace(_END_OF_FILE, b"") + ends
    async with _received(number) as received:
        return _WELL.split(line + await received.get())[-1]


async def _typed_since_painted(number: int) -> bytes:
    """What was typed after the terminal had painted what was written before; silent meanwhile."""
    typed = b""
    with _unbuffered(number):
        os.write(number, _STATUS)
        async with _received(number) as received:
            try:
                async with asyncio.timeout(_REPLIES_WITHIN):
                    while not _WELL.search(typed):
                        typed += await received.get()
            except TimeoutError:
                # No such terminal: since the prompt nothing else has read what was typed.
                pass
    return _WELL.split(typed)[-1]


@contextmanager
def _unbuffered(number: int) -> Iterator[None]:
    before = termios.tcgetattr(number)
    changed = termios.tcgetattr(number)
    changed[_ECHO] = changed[_ECHO] & ~(termios.ECHO | termios.ICANON) | termios.ISIG
    termios.tcsetattr(number, termios.TCSADRAIN, changed)
    try:
        yield
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)


@asynccontextmanager
async def _received(number: int) -> AsyncIterator[asyncio.Queue[bytes]]:
    loop = asyncio.get_running_loop()
    received: asyncio.Queue[bytes] = asyncio.Queue()
    loop.add_reader(number, lambda: received.put_nowait(os.read(number, 4096)))
    try:
        yield received
    finally:
        loop.remove_reader(number)
