"""The interruptions of the runs, and the results: as one table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from tests import tables
from tests.lab.interruptions.strikes import KINDS, WORDS

POINT = "point of an interruption"
"""Under this name a test's report has a point."""

HELP = "help on the way"
"""Under this name it has how often what else had to be called."""

HEAD = (
    "interruption", "points", "in join", "in repair", "in rollback", "continued",
    "stopped with a reason", "killed", "ended joined", "ended rolled back", "neither",
)  # fmt: skip


def markdown(told: Sequence[tuple[str, object]], seed: int) -> str:
    """The table of the points among what the tests have reported, and what makes them again.

    Empty where there is none.
    """
    points = [dict(each) for name, each in told if name == POINT and isinstance(each, Mapping)]
    if not points:
        return ""
    fell = {point["kind"] for point in points}
    rows = [
        _row(WORDS[kind], [p for p in points if p["kind"] == kind])
        for kind in KINDS
        if kind in fell
    ]
    return f"{tables.table(HEAD, [*rows, _row('all', points)])}\n\n--seed {seed}; {_helped(told)}"


def _helped(told: Sequence[tuple[str, object]]) -> str:
    """What was called beside the same command again."""
    calls: Counter[str] = Counter()
    for name, each in told:
        if name == HELP and isinstance(each, Mapping):
            calls.update(each)
    counted = ", ".join(f"`{words}` {count}" for words, count in sorted(calls.items()))
    return f"beside the same command again were called: {counted or 'nothing'}"


def _row(name: str, points: Sequence[Mapping[str, str]]) -> list[str]:
    def of(key: str, word: str) -> str:
        return str(sum(point[key].startswith(word) for point in points))

    return [
        name,
        str(len(points)),
        *(of("act", act) for act in ("join", "repair", "rollback")),
        *(of("ended", end) for end in ("continued", "stopped with a reason", "killed")),
        *(of("came_to", goal) for goal in ("joined", "rolled back")),
        str(sum(not point["came_to"] for point in points)),
    ]
