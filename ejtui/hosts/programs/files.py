"""Reading and atomically writing files with nothing but a POSIX shell on the host."""

from __future__ import annotations

from ejtui import scripts
from ejtui.hosts import guard

_READ = 'exec cat < "$1"'

_WRITE = scripts.shell(__file__, "write.sh")


def _absolute(path: str) -> str:
    if not path.startswith("/"):
        raise ValueError(f"{path!r} is no absolute path")
    return path


def reading(path: str) -> list[str]:
    """Return the argv that writes a file's bytes to standard output."""
    return ["/bin/sh", "-c", _READ, "read", _absolute(path)]


def writing(path: str, size: int, owner: str | None, mode: int) -> list[str]:
    """Return the argv that replaces `path` with the `size` bytes of its standard input."""
    return [
        *("/bin/sh", "-c", guard.script() + _WRITE, "write"),
        *(_absolute(path), str(size), owner or "", f"{mode:04o}"),
    ]
