"""Accounts as people read them: by name, cut where there are many."""

from __future__ import annotations

from collections.abc import Sequence

from ejtui.cleaning import clean

NAMED = 20
"""So many accounts are named in a question; of the rest only the number is shown."""


def listed(named: Sequence[str], count: int | None = None) -> str:
    """The accounts by name, fit to print, cut where there are many.

    `count` is how many are meant, where those are more than are named.
    """
    more = (count or len(named)) - NAMED
    return ", ".join(map(clean, named[:NAMED])) + (f" and {more} more" if more > 0 else "")


def describe_set_aside(named: Sequence[str]) -> str:
    """One line: how many accounts live on second alone, and which."""
    if not named:
        return "no account lives on second alone"
    count = f"{len(named)} account lives" if len(named) == 1 else f"{len(named)} accounts live"
    return f"{count} on second alone: {listed(named)}"
