"""The history as text: a line for each run, and one run whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ejtui.cleaning import clean
from ejtui.cli.render.text import cut
from ejtui.cluster.history.clock import date_and_time, short, zone
from ejtui.cluster.history.history import History
from ejtui.cluster.history.runs import Run
from ejtui.cluster.history.sentences import sentences

_TITLE = 26
_NUMBER = 3
_FORMER = "On former hosts at these addresses, whose host keys were others:"


def listing(found: History) -> list[str]:
    """Every run, the newest first, in lines of at most 80 columns."""
    notes = [f"note: {note}" for note in found.notes]
    if not found.all_runs:
        return [*notes, "Nothing was run on this pair yet."]
    when = f"date ({zone()})"
    head = f"{'#':>{_NUMBER}}  {when:<19}  {'what':<{_TITLE}}  outcome"
    rows = [_row(number, run) for number, run in enumerate(found.all_runs, 1)]
    here = len(found.runs)
    made = [head, *rows[:here]] if here else ["Nothing was run on these hosts yet."]
    if found.former:
        made += ["", _FORMER, head, *rows[here:]]
    count = "1 run" if here == 1 else f"{here} runs"
    last = ", or last" if here else ""
    name = found.all_runs[0].id
    hint = f"{count}; one whole: ejtui history show {name} (or its number{last})"
    return [*notes, *made, "", hint]


def _row(number: int, run: Run) -> str:
    title = cut(clean(run.title), _TITLE)
    return f"{number:>{_NUMBER}}  {short(run.began):<19}  {title:<{_TITLE}}  {run.brief}"


def run_lines(run: Run, recordings: Sequence[str]) -> list[str]:
    """One run: how it ended, by whom, its recordings, then every line of it."""
    took = run.after
    lines = [
        f"{run.title}: {run.result}",
        f"  run        {run.id}",
        f"  began      {date_and_time(run.began)}, by {run.by or 'an unknown user'}",
        f"  ended      {date_and_time(run.ended)}{f', {took}' if took else ''}"
        if run.ended
        else f"  last line  {date_and_time(run.last)}",
        *(f"  recording  {path}" for path in recordings),
        "",
    ]
    return [*lines, *_sentences(run)]


def _sentences(run: Run) -> list[str]:
    made: list[str] = []
    day = ""
    for entry in run.entries:
        here = entry.at.astimezone() if entry.at else None
        if here is not None and here.strftime("%Y-%m-%d") != day:
            day = here.strftime("%Y-%m-%d")
            made.append(here.strftime("%Y-%m-%d (%Z)"))
        for each in sentences(entry):
            made.append(f"  {_time(here)}  {_SIGNS.get(each.kind, '')}{each.text}")
    return made


_SIGNS = {"command": "$ ", "error": "! "}


def _time(here: datetime | None) -> str:
    return here.strftime("%H:%M:%S") if here else "--:--:--"
