"""What works without first, for one that is gone for ever, and how it is named to the operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.pair.pair import Pair

WITHOUT_FIRST = "--without-first"


def worded(command: str, *, without_first: bool) -> str:
    """A command ("rollback", "bring-over BACKUP") as it is typed for this pair. Pure."""
    return f"ejtui {command}{f' {WITHOUT_FIRST}' if without_first else ''}"


def way_out(command: str) -> str:
    """The same command that works without first, as advice."""
    return f"Where first is gone for ever: `{worded(command, without_first=True)}`"


def refuse_unreached(pair: Pair, command: str, *, without_first: bool) -> None:
    """Raises why a host that `command` needs is not reached; of first, with the way out."""
    trouble = pair.second.trouble
    if trouble is None and not without_first:
        trouble = pair.first.trouble
        if isinstance(trouble, HostError):
            trouble.next_action = f"{trouble.next_action} {way_out(command)}.".lstrip()
    if trouble is not None:
        raise trouble
