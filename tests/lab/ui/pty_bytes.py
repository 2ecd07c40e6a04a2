"""What the app writes to its terminal."""

from __future__ import annotations

import signal
import sys
import time

import pexpect

from ejtui.lab.lab import Lab
from ejtui.ui.app import NOTICE_SECONDS
from tests import patience

_STILL = NOTICE_SECONDS + 4  # without a byte: its start is painted, and no message goes any more
_SETTLES = patience.SECONDS


def written_while_idle(lab: Lab, seconds: float) -> bytes:
    """What the app writes in so many seconds, once both nodes are shown and nothing happens."""
    child: pexpect.spawn[bytes] = pexpect.spawn(
        sys.executable,
        ["-m", "ejtui", "--config", str(lab.config_path)],
        dimensions=(24, 80),
        timeout=patience.SECONDS,
    )
    try:
        child.expect_exact([b"next: ", b"both nodes agree"])
        deadline = time.monotonic() + _SETTLES
        while _written(child, _STILL):
            assert time.monotonic() < deadline, f"never {_STILL} s without a byte in {_SETTLES} s"
        return _written(child, seconds)
    finally:
        child.kill(signal.SIGTERM)
        child.expect(pexpect.EOF)
        child.close()


def _written(child: pexpect.spawn[bytes], seconds: float) -> bytes:
    written, end = b"", time.monotonic() + seconds
    while time.monotonic() < end:
        written += _read(child)
    return written


def _read(child: pexpect.spawn[bytes]) -> bytes:
    try:
        return child.read_nonblocking(65536, timeout=0.2)
    except pexpect.TIMEOUT:
        return b""
