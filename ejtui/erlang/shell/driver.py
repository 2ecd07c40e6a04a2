"""The thread that owns a live shell's pexpect child.

It reads always, not only while somebody waits: every byte goes to the screen and the recorder,
keys go out in the order they came in, and frames of the screen are published as they change.
What the shell *means* is read from those frames, never from the bytes.
"""

from __future__ import annotations

import re
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pexpect
from pexpect.socket_pexpect import SocketSpawn

from ejtui.erlang.terminal.recorder import Recorder
from ejtui.erlang.terminal.terminal import TerminalScreen

if TYPE_CHECKING:
    _SocketSpawn = SocketSpawn[bytes]
else:
    _SocketSpawn = SocketSpawn

PUBLISH_AFTER = 0.004
"""Seconds that output is gathered before a frame is published."""

PUBLISH_AFTER_IN_FLOOD = 0.05
"""The same while output comes faster than anybody reads it."""

FLOOD = 32768
"""Bytes within that time that make a flood."""

ECHO = 200
"""Bytes at most that are a key's echo, for which somebody waits."""

RECORD_AFTER = 0.05
"""Seconds that output is gathered before it is written to the recording."""

_READ_SIZE = 16384

_LINES = re.compile(rb"[\s\S]*\n|[\s\S]{8192,}")
"""Everything up to the last line's end, so that the child's buffer holds one line at most."""

_PROMPT = re.compile(rb"\([^()\s]+@[^()\s]+\)\d+> ")


class _Child(_SocketSpawn):
    """A pexpect child whose every wait for input is also the driver's turn to work."""

    def __init__(self, terminal: socket.socket, receive: Callable[[int], bytes]) -> None:
        super().__init__(terminal, timeout=None, maxread=_READ_SIZE)
        self.delaybeforesend = None
        self.delayafterread = None
        self._receive = receive

    def read_nonblocking(self, size: int = 1, timeout: float | None = None) -> bytes:
        """The next output, however long it takes; raises pexpect.EOF at its end."""
        del timeout
        data = self._receive(size)
        if not data:
            self.flag_eof = True
            raise pexpect.EOF("The shell ended.")
        return data


class Driver:
    """Runs one shell's terminal. All methods but start() may be called from any thread.

    `on_news` is called in the driver's thread after each published frame and at the end.
    """

    def __init__(
        self,
        terminal: socket.socket,
        screen: TerminalScreen,
        recorder: Recorder | None,
        name: str,
        on_news: Callable[[], None],
    ) -> None:
        terminal.setblocking(False)
        self._terminal = terminal
        self._screen = screen
        self._recorder = recorder
        self._on_news = on_news
        self._lock = threading.Lock()
        self._outgoing = bytearray()
        self._resizes: list[tuple[int, int]] = []
        self._stopping = False
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._wake_write.setblocking(False)
        self._typed = False
        self._burst = 0
        self._burst_began = 0.0
        self._publish_at: float | None = None
        self._record_at: float | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.eager = False
        """Whether somebody waits for what comes: then it is published at once, but in a flood."""
        self.ended = False
        """Whether the terminal has reached its end; the last frame is published by then."""

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Send keys, after all that was sent before."""
        with self._lock:
            self._outgoing += data
        self._typed = True
        self._wake()

    def resize(self, columns: int, rows: int) -> None:
        """Give the screen and the recording a new size."""
        with self._lock:
            self._resizes.append((columns, rows))
        self._wake()

    def stop(self, timeout: float = 5.0) -> None:
        """Stop reading and wait up to `timeout` seconds until the thread has ended."""
        self._stopping = True
        self._wake()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def _wake(self) -> None:
        try:
            self._wake_write.send(b"\0")
        except OSError:
            return  # Full: the thread is about to wake anyway. Closed: it has ended.

    def _run(self) -> None:
        child = _Child(self._terminal, self._receive)
        patterns = child.compile_pattern_list([_LINES, _PROMPT, pexpect.EOF])
        try:
            while True:
                index = child.expect_list(patterns)
                if patterns[index] is _PROMPT and self.eager:
                    self._publish()
                elif patterns[index] is pexpect.EOF:
                    break
        finally:
            self._finish()

    def _finish(self) -> None:
        if self._recorder is not None:
            self._recorder.close()
        self._screen.publish()
        self.ended = True
        self._wake_read.close()
        self._wake_write.close()
        self._on_news()

    def _receive(self, size: int) -> bytes:
        """The next output; meanwhile keys are sent and frames published. Empty at the end."""
        while not self._stopping:
            self._work()
            readable = self._wait()
            if self._terminal not in readable:
                continue
            try:
                data = self._terminal.recv(size)
            except BlockingIOError:
                continue
            except OSError:
                return b""
            self._take(data)
            return data
        return b""

    def _wait(self) -> list[socket.socket]:
        """Wait for output, a wake-up, room to write, or the next thing due."""
        due = [at for at in (self._publish_at, self._record_at) if at is not None]
        timeout = max(min(due) - time.monotonic(), 0) if due else None
        poll = select.poll()
        poll.register(self._wake_read, select.POLLIN)
        outgoing = select.POLLOUT if self._outgoing else 0
        poll.register(self._terminal, select.POLLIN | outgoing)
        events = dict(poll.poll(None if timeout is None else timeout * 1000))
        if self._wake_read.fileno() in events:
            self._wake_read.recv(4096)
        readable = events.get(self._terminal.fileno(), 0) & ~select.POLLOUT
        return [self._terminal] if readable else []

    def _work(self) -> None:
        self._send()
        self._apply_resizes()
        now = time.monotonic()
        if self._publish_at is not None and now >= self._publish_at:
            self._publish()
        if self._recorder is not None and self._record_at is not None and now >= self._record_at:
            self._recorder.flush()
            self._record_at = None

    def _send(self) -> None:
        with self._lock:
            if not self._outgoing:
                return
            try:
                sent = self._terminal.send(self._outgoing)
            except BlockingIOError:
                return
            except OSError:
                sent = len(self._outgoing)  # The other side is gone: reading reports it.
            del self._outgoing[:sent]

    def _apply_resizes(self) -> None:
        with self._lock:
            resizes, self._resizes = self._resizes, []
        if not resizes:
            return
        self._screen.resize(*resizes[-1])
        if self._recorder is not None:
            self._recorder.resize(*resizes[-1])
        self._on_news()

    def _take(self, data: bytes) -> None:
        reports = self._screen.feed(data)
        if reports:
            with self._lock:
                self._outgoing += reports
        now = time.monotonic()
        self._publish_at = self._due(len(data), now)
        if self._recorder is not None:
            self._recorder.output(data)
            if self._record_at is None:
                self._record_at = now + RECORD_AFTER

    def _due(self, count: int, now: float) -> float:
        """When to publish, now that `count` more bytes have come."""
        if now - self._burst_began > PUBLISH_AFTER_IN_FLOOD:
            self._burst, self._burst_began = 0, now
        self._burst += count
        if self._burst > FLOOD:
            due = now + PUBLISH_AFTER_IN_FLOOD
        else:
            is_echo = self._typed and count <= ECHO
            due = now if self.eager or is_echo else now + PUBLISH_AFTER
        self._typed = False
        return due if self._publish_at is None else min(due, self._publish_at)

    def _publish(self) -> None:
        self._publish_at = None
        if self._screen.publish():
            self._on_news()
