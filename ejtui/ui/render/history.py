"""The history: a line each run, and everything about the one looked at."""

from __future__ import annotations

from rich.cells import cell_len

from ejtui.ui.render.text import log_lines
from ejtui.ui.state.history import HistoryView, RunView
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import Glyphs
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, cut, fit, line, pad, wrap

_WHEN = 19
_WHAT, _OUTCOME = 26, 24
_FORMER = "This was done on former hosts at these addresses, whose host keys were others."

_TONES = {"done": Tone.GOOD, "running": Tone.GOING, "failed": Tone.TROUBLE, "unknown": Tone.DIFFERS}


def title(state: ViewState, glyphs: Glyphs) -> tuple[Line, Line]:
    """How many runs there are, and whether the journal is being read."""
    shown = state.history or HistoryView()
    count = len(shown.rows)
    now = f"reading{glyphs.cut}" if shown.reading else ""
    count_text = "1 run" if count == 1 else f"{count} runs"
    return line(Span(count_text, Tone.STRONG)), line(Span(now, Tone.GOING))


def rows(state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    """The columns' names, then one line a run, the newest first."""
    shown = state.history or HistoryView()
    if not shown.rows:
        text = "" if shown.reading else "Nothing was run on this pair yet."
        return [line(Span(text, Tone.QUIET))]
    when = f"  date ({shown.zone})"
    longest = max(cell_len(each.title) for each in shown.rows)
    ends = max(cell_len(_ending(each, glyphs)) for each in shown.rows)
    what = max(_WHAT, min(longest, width - _WHEN - min(ends, _OUTCOME) - 6))
    head = f"{pad(when, _WHEN + 2)}  {pad('what', what)}  outcome"
    at = shown.at_cursor
    return [
        line(Span(head, Tone.QUIET)),
        *(_row(each, what, width, glyphs, chosen=each is at) for each in shown.rows),
    ]


def _row(run: RunView, what: int, width: int, glyphs: Glyphs, *, chosen: bool) -> Line:
    recorded = _ending(run, glyphs).removeprefix(run.outcome)
    # A title that is longer than its column takes what the outcome leaves.
    room = width - _WHEN - 6 - cell_len(_ending(run, glyphs))
    what = max(what, min(room, cell_len(run.title)))
    made = line(
        Span(f"{glyphs.cursor if chosen else ' '} ", Tone.FOCUS),
        Span(pad(run.began, _WHEN), Tone.CURSOR if chosen else Tone.PLAIN),
        f"  {pad(cut(run.title, what, glyphs.cut), what)}  ",
        Span(run.outcome, _TONES.get(run.ending, Tone.PLAIN)),
        Span(recorded, Tone.QUIET),
    )
    return fit(made, width, glyphs.cut)


def _ending(run: RunView, glyphs: Glyphs) -> str:
    """How it ended, and whether there is a recording, or it was on former hosts."""
    recorded = "former hosts" if run.on_former_hosts else "recorded" if run.recordings else ""
    return run.outcome + (f" {glyphs.dot} {recorded}" if recorded else "")


def detail_title(state: ViewState) -> Line:
    """The name of the run looked at."""
    run = state.history.at_cursor if state.history else None
    return line(Span(f"{run.title} {run.id}" if run else "history", Tone.STRONG))


def detail(state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    """What could not be read, then all of the run looked at."""
    shown = state.history or HistoryView()
    made: list[Line] = []
    for note in shown.notes:
        made += [*wrap(note, width, Tone.DIFFERS), BLANK]
    run = shown.at_cursor
    if run is None:
        return made or [BLANK]
    by = f", by {run.by}" if run.by else ""
    made += wrap(f"{(run.why or run.outcome).removesuffix('.')}{by}", width, Tone.STRONG)
    if run.on_former_hosts:
        made += wrap(_FORMER, width, Tone.DIFFERS)
    if run.took:
        waited = f"; its questions stood open for {run.waiting}" if run.waiting else ""
        made += wrap(f"It worked for {run.took}{waited}.", width)
    if not run.recordings:
        made += wrap("No recording: this run opened no erl shell.", width, Tone.QUIET)
    for path in run.recordings:
        made += wrap(f"Recording: {path}", width, Tone.QUIET)
    return [*made, BLANK, *log_lines(run.lines, width, glyphs)]
