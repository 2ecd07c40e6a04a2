"""What the cluster layer raises. Each message is what is wrong and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from ejtui.cluster.finding import Finding


def without_stop(error: BaseException) -> str:
    """An error's text within a longer one: an error of a host ends with a full stop."""
    return str(error).rstrip(".")


class ClusterError(Exception):
    """Base of this layer's errors."""


class StepFailed(ClusterError):
    """A step could not do its work; `findings` name the trouble when the catalogue knows it."""

    def __init__(self, what: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(what)
        self.findings = findings


class NoSuchOption(StepFailed):
    """There is no option of that name in ejabberd.yml that could be taken."""


class WaitedTooLong(StepFailed):
    """A bounded wait ended: for what it waited, how long, and what was there instead."""

    def __init__(self, what: str, seconds: float, instead: str) -> None:
        super().__init__(f"waited {seconds:g} s for {what}; instead: {instead}")


class NoRoom(StepFailed):
    """A file system takes nothing more; the text shows which one, and what goes on afterwards."""


class MnesiaEnded(StepFailed):
    """Second's Mnesia ended while a step needed it; it printed why in its erl."""


class Refused(ClusterError):
    """The operator answered No; nothing was changed by the act in question."""


def _here(moment: str) -> str:
    """A moment as people here read it; as it is where it is none."""
    with suppress(ValueError):
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
    return moment


SHELL_OPEN = "its erl shell is open, nothing is running"
"""What a pair's lock is held for between two runs."""


def _held(host: str, who: str, what: str, since: str) -> str:
    if what == SHELL_OPEN:
        return (
            f"{who} has a join of this pair open since {since}: {what} (lock on {host}). "
            "Go on with the join there, or leave that ejtui; then start again"
        )
    return (
        f"{who} is changing this pair since {since}: {what} (lock on {host}). "
        "Wait until that has ended, then start again"
    )


class LockHeld(ClusterError):
    """Another ejtui changes this pair. `who`, `what` and `since` are its own words."""

    def __init__(self, host: str, who: str, what: str, since: str) -> None:
        super().__init__(_held(host, who, what, _here(since)))
        self.host = host
        self.who = who
        self.what = what
        self.since = since


class LockLost(ClusterError):
    """The lock was lost, and somebody changed the pair meanwhile; `seen` is what."""

    def __init__(self, seen: Sequence[str]) -> None:
        super().__init__(
            f"the lock was lost meanwhile, and the pair was changed: {'; '.join(seen)}. "
            "Nothing more was done; look at `ejtui status`, then start again"
        )
        self.seen = tuple(seen)


class BackupError(ClusterError):
    """A backup is missing, or does not match its manifest."""
