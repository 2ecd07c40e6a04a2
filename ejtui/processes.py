"""Which process it was: its id alone may be another one's by now."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

_STARTED = 19
"""Where in /proc/PID/stat, behind the program's name, the moment of its start stands."""


@cache
def machine() -> str:
    """This boot of this computer, and what its process ids count in; "" where it is unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def lifetime(process: int | None = None) -> str:
    """What distinguishes the process that has this id now (None: this one) from every other.

    "" where there is none, or where that is unknown.
    """
    number = process if process is not None else os.getpid()
    try:
        text = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace")
        started = text.rpartition(")")[2].split()[_STARTED]
    except (OSError, IndexError):
        return ""
    return f"{machine()} {number} {started}" if machine() else ""
