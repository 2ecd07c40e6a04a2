"""How many bytes the app writes to its terminal."""

from __future__ import annotations

import signal
import sys
import time

import pexpect

from ejtui.lab.lab import Lab


def bytes_while_idle(lab: Lab, seconds: float) -> int:
    """What the app writes in so many seconds, once both nodes are shown and nothing happens."""
    child: pexpect.spawn[bytes] = pexpect.spawn(
        sys.executable,
        ["-m", "ejtui", "--config", str(lab.config_path)],
        dimensions=(24, 80),
        timeout=60,
    )
    try:
        child.expect_exact([b" done", b"both nodes agree"])
        settled = time.monotonic() + 4
        while time.monotonic() < settled:
            _read(child)
        written, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            written += _read(child)
        return written
    finally:
        child.kill(signal.SIGTERM)
        child.expect(pexpect.EOF)
        child.close()


def _read(child: pexpect.spawn[bytes]) -> int:
    try:
        return len(child.read_nonblocking(65536, timeout=0.2))
    except pexpect.TIMEOUT:
        return 0
