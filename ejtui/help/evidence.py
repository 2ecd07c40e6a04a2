"""The page of evidence: what was tried on real nodes, and the figures of every saved benchmark."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

FIGURES = "figures.jsonl"
"""One run of the benchmarks a line, the oldest first; tests/bench/all.py adds to it."""

TREND = 5
"""So many runs, the newest last, stand side by side."""

_HEAD = ("figure", "ejtui: median (best)", "beside it: median (best)", "ratio or target")


@dataclass(frozen=True)
class Run:
    """One run of the benchmarks: when, of which commit, on what, and its rows.

    `load` is this computer's load average when the run started, None where nobody noted it. A row
    has the figure's name, ejtui's value, the reference beside it, and their ratio or the target.
    """

    day: str
    commit: str
    cores: int
    load: float | None
    releases: tuple[tuple[str, str], ...]
    command: str
    rows: tuple[tuple[str, ...], ...]

    @property
    def circumstances(self) -> str:
        """On what it was measured, in one line."""
        busy = "" if self.load is None else f", load {self.load:g} at the start"
        releases = ", ".join(f"{name} {version}" for name, version in self.releases)
        return f"{self.cores} cores{busy}; {releases}; commit {self.commit}."


def page() -> str:
    """The page, as Markdown."""
    folder = resources.files(__package__)
    written = folder.joinpath("evidence.md").read_text(encoding="utf-8")
    runs = parse(folder.joinpath(FIGURES).read_text(encoding="utf-8"))
    return "\n".join([written, *sections(runs)])


def parse(text: str) -> list[Run]:
    """The runs of the file's text. Raises ValueError or KeyError for what is none."""
    return [_run(json.loads(line)) for line in text.splitlines() if line.strip()]


def _run(said: dict[str, Any]) -> Run:
    return Run(
        day=said["at"][:10],
        commit=said["commit"],
        cores=said["cores"],
        load=said["load"],
        releases=tuple(said["releases"].items()),
        command=said["command"],
        rows=tuple(tuple(row) for row in said["rows"]),
    )


def sections(runs: Sequence[Run]) -> Iterable[str]:
    """Each figure as it was measured last, the newest run first, and how they went: Markdown."""
    known: set[str] = set()
    for run in reversed(runs):
        rows = [row for row in run.rows if row[0] not in known]
        known.update(row[0] for row in rows)
        if rows:
            title = "Figures" if run is runs[-1] else f"Figures of {run.day}"
            yield f"## {title}\n\n{run.circumstances}\n"
            yield f"Measured on {run.day} with\n\n    {run.command}\n"
            yield _table(_HEAD, rows)
    shown = runs[-TREND:]
    if len(shown) > 1:
        newest = shown[-1]
        yield f"## Trend\n\n{_about(shown)}\n"
        yield f"Measured on {newest.day} with\n\n    {newest.command}\n"
        yield _table(*_trend(shown))


def _about(runs: Sequence[Run]) -> str:
    lines = [f"- {each.day}: {each.circumstances}" for each in runs]
    return "\n".join(["The ratio of each run, or ejtui's value where there is none.", "", *lines])


def _trend(runs: Sequence[Run]) -> tuple[list[str], list[list[str]]]:
    """The head, and a row for each figure that at least two of the runs have."""
    columns = [_values(run) for run in runs]
    heads = ["figure", *(f"{number}: {run.day}" for number, run in enumerate(runs, 1))]
    # A figure that stands twice, beside two references, is known by its place.
    keys = dict.fromkeys(key for values in reversed(columns) for key in values)
    often = [key for key in keys if sum(key in values for values in columns) > 1]
    return heads, [[key[0], *(values.get(key, "") for values in columns)] for key in often]


def _values(run: Run) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    for name, ours, _, note in run.rows:
        nth = sum(known == name for known, _ in found)
        ratio = re.match(r"\d+\.\d+(?=$|[ ;(])", note)
        found[name, nth] = ratio.group() if ratio else ours
    return found


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (f"| {' | '.join(cells)} |" for cells in rows)
    return "\n".join([f"| {' | '.join(head)} |", "|" + "---|" * len(head), *lines, ""])
