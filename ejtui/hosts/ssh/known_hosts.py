"""Remembering a host key that the operator has compared and accepted."""

from __future__ import annotations

import os
from pathlib import Path

from ejtui.hosts.errors import HostKeyUnknown


def remember(error: HostKeyUnknown) -> None:
    """Append the key that `error` shows to its known_hosts file (made 0600 when it is new).

    Connecting again is then held to exactly this key. Raises OSError.
    """
    path = Path(error.known_hosts_file)
    try:
        _append(path, error.known_hosts_line.encode("ascii"))
    except OSError as failed:
        # A disk that is full names no file.
        raise OSError(failed.errno, failed.strerror, failed.filename or str(path)) from None


def _append(path: Path, line: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(fd, "rb+", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            if file.read(1) != b"\n":
                line = b"\n" + line
        file.write(line)
