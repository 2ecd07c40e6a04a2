"""What befell the runs, and what came of it: as one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tests.lab.interruptions.strikes import KINDS, WORDS

POINT = "point of an interruption"
"""Under this name a test's report has a point."""

HEAD = (
    "interruption", "points", "in join", "in repair", "in rollback", "went on by itself",
    "stopped with a reason", "killed", "ended joined", "ended rolled back", "lost",
)  # fmt: skip


def markdown(points: Sequence[Mapping[str, str]], seed: int) -> str:
    """The table of all points, and the seed that makes them again."""
    rows = [_row(WORDS[kind], [p for p in points if p["kind"] == kind]) for kind in KINDS]
    lines = [HEAD, ["---"] * len(HEAD), *rows, _row("all", points)]
    return "\n".join([*map(_line, lines), "", f"seed {seed}"])


def _row(name: str, points: Sequence[Mapping[str, str]]) -> list[str]:
    def of(key: str, word: str) -> str:
        return str(sum(point[key].startswith(word) for point in points))

    return [
        name,
        str(len(points)),
        *(of("act", act) for act in ("join", "repair", "rollback")),
        *(of("ended", end) for end in ("went on by itself", "stopped with a reason", "killed")),
        *(of("came_to", goal) for goal in ("joined", "rolled back")),
        str(sum(not point["came_to"] for point in points)),
    ]


def _line(words: Iterable[str]) -> str:
    return f"| {' | '.join(words)} |"
