"""Files of ejtui's own that could not be written: the journal, recordings, copies, choices.

A full disk or a directory that nobody may write stops no work on the hosts. Each such file is
reported once, in one line with its path, and everything goes on without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_failed: dict[str, str] = {}
_unsaid: list[str] = []
_listeners: list[Callable[[str], None]] = []


def failed(what: str, path: Path, error: OSError, *, now: bool = True) -> None:
    """Notes that `what` cannot be written to `path`; the first time it is reported.

    With `now` False it is left for the next news(), which a thread that must not show anything
    needs.
    """
    if str(path) in _failed:
        return
    reason = _reason(path, error)
    line = f"{what} cannot be written: {path}: {reason}; everything goes on without it"
    _failed[str(path)] = line
    if now and _listeners:
        _listeners[-1](line)
    else:
        _unsaid.append(line)


def news() -> list[str]:
    """The lines that nobody has been given yet."""
    said = list(_unsaid)
    del _unsaid[: len(said)]
    return said


@contextmanager
def heard_by(listener: Callable[[str], None]) -> Iterator[None]:
    """Has each line given to `listener` as soon as it is known, and the last ones at the end."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)
        for line in news():
            listener(line)


def forget() -> None:
    """As if nothing had failed yet."""
    _failed.clear()
    _unsaid.clear()


def _reason(path: Path, error: OSError) -> str:
    """What is wrong; where the directory is missing, why it could not be made."""
    if isinstance(error, FileNotFoundError):
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as deeper:
            where = deeper.filename or path.parent
            return f"{where}: {deeper.strerror}"
    return error.strerror or str(error)
