"""The state of the pair as text: what it is, and the command that goes on from there."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.cleaning import clean
from ejtui.cli.render.text import Worded, wrapped
from ejtui.cluster.condition.condition import Condition


def condition_lines(state: Condition, worded: Worded = tuple) -> Iterator[str]:
    """A sentence or two, no line wider than a terminal; the command has a line for itself.

    `worded` gives the commands as they reach this pair.
    """
    for text in worded(state.lines()):
        yield from wrapped(clean(text))
