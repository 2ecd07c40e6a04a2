"""Clean bytes over a pseudo-terminal, for users that ejtui can become on a terminal only.

doas, su and some sudo ask for a password on a terminal and nowhere else. Once become, a relay in
plain shell makes that terminal raw, and gives the program pipes: its standard input comes in
lines that printf decodes, its output leaves as it is, and each line of its standard error, and
at last its exit code, in frames that begin with a mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ejtui import scripts
from ejtui.hosts.programs.spawn import LaunchSink, Sink, Spawned

SIZE = (80, 24)
"""The size of a terminal that nobody looks at."""

_CHUNK = 1024
_LONGEST_FRAME = 4096
_PLAIN = frozenset(range(0x20, 0x7F)) - frozenset(b"\\")
_ENCODED = [bytes((b,)) if b in _PLAIN else f"\\0{b:03o}".encode() for b in range(256)]

_RELAY = scripts.shell(__file__, "relay.sh")


def relayed(token: str, argv: Sequence[str]) -> list[str]:
    """Return the argv that, on a terminal, runs `argv` behind the relay."""
    return ["/bin/sh", "-c", _RELAY, "ejtui", token, *argv]


def encoded(data: bytes) -> Iterator[bytes]:
    """Yield the lines that the relay turns into exactly `data`."""
    for start in range(0, len(data), _CHUNK):
        yield b"=" + b"".join(_ENCODED[b] for b in data[start : start + _CHUNK]) + b"\n"


class Encoder:
    """The way to a program behind the relay; see `spawn.Spawned`."""

    def __init__(self, terminal: Spawned) -> None:
        self._terminal = terminal
        self.pause_reading = terminal.pause_reading
        self.resume_reading = terminal.resume_reading
        self.close = terminal.close

    def write(self, data: bytes) -> None:
        """Send bytes to its standard input."""
        for line in encoded(data):
            self._terminal.write(line)

    def write_eof(self) -> None:
        """End its standard input."""
        self._terminal.write(b".\n")

    def resize(self, columns: int, rows: int) -> None:
        """It sees no terminal."""


class Frames(LaunchSink):
    """A sink that takes the relay's frames apart again."""

    def __init__(self, token: str, sink: Sink) -> None:
        super().__init__(token, sink, terminal=True)
        self._mark = f"ejtui-{token}-".encode()
        self._exit = re.compile(re.escape(self._mark) + rb"x(\d+)\Z")
        self._rest = bytearray()

    def _pass_on(self, data: bytes, *, error: bool) -> None:  # noqa: ARG002 - one stream
        self._rest += data
        while not self.over:
            found = self._rest.find(self._mark)
            if found < 0:
                self._say(len(self._rest) - self._start_mark())
                return
            self._say(found)
            end = self._rest.find(b"\n")
            if end < 0 and len(self._rest) > _LONGEST_FRAME:
                # The relay makes none that is so long: it is the program's own.
                self._say(len(self._mark))
                continue
            if end < 0:
                return
            frame = bytes(self._rest[len(self._mark) : end])
            del self._rest[: end + 1]
            self._take(frame)

    def _start_mark(self) -> int:
        """Return how many bytes at the end may be the beginning of a mark."""
        longest = min(len(self._rest), len(self._mark) - 1)
        sizes = range(longest, 0, -1)
        return next((n for n in sizes if self._rest.endswith(self._mark[:n])), 0)

    def _say(self, size: int) -> None:
        if size > 0:
            self._sink.received(bytes(self._rest[:size]), error=False)
            del self._rest[:size]

    def _take(self, frame: bytes) -> None:
        kind, text = frame[:1], frame[1:]
        exit_ = self._exit.search(text)
        if exit_ is None:
            self._sink.received(text + (b"\n" if kind == b"e" else b""), error=True)
            return
        if exit_.start():
            self._sink.received(text[: exit_.start()], error=True)
        super().exited(int(exit_[1]))
        super().closed(None)

    def exited(self, code: int) -> None:
        """The program that became the user ended:

        its code counts only without one of the relay's.
        """
        if self.code is None:
            super().exited(code)

    def closed(self, error: Exception | None) -> None:
        """Pass the end on, once, after the last bytes."""
        if not self.over and self.started.done():
            self._say(len(self._rest))
        super().closed(error)
