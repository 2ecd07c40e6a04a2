"""In which order tables are copied, so that nobody on first waits longer than for one of them."""

from __future__ import annotations

from collections.abc import Sequence

from ejtui.cluster.tables import waiting
from ejtui.cluster.tables.copies import Copy


def order(copies: Sequence[Copy]) -> list[Copy]:
    """The smallest first; small tables between the large ones.

    A client's request may write to several tables (a roster and its version, a message and its
    archive). What waits for one large table is served before the next one is held.
    """
    ordered = sorted(copies, key=lambda copy: (waiting.estimate(copy.table), copy.table.name))
    small = [copy for copy in ordered if waiting.estimate(copy.table) < waiting.NAMED_FROM]
    large = ordered[len(small) :]
    between = len(small) // (len(large) + 1) if large else len(small)
    made = list(small[: len(small) - between * len(large)])
    rest = small[len(made) :]
    for number, copy in enumerate(large):
        made += [copy, *rest[number * between : (number + 1) * between]]
    return made
