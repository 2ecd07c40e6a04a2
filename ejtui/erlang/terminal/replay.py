"""Plays a recording on a screen of ours: forwards, at any speed, and from any moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from ejtui.erlang.terminal.recording import Recording
from ejtui.erlang.terminal.terminal import TerminalScreen

LONGEST_PAUSE = 2.0
"""Seconds that a replay waits at most where nothing happened for longer."""


class Replay:
    """A recording on a terminal's screen. What it holds is drawn, and reaches no other terminal.

    Times are seconds of the replay, in which long pauses are shortened.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._times = _shortened([event.at for event in recording.events])
        self._next = 0
        self.at = 0.0
        self.screen = self._blank()

    @property
    def seconds(self) -> float:
        """How long the replay is at its own speed."""
        return self._times[-1] if self._times else 0.0

    @property
    def ended(self) -> bool:
        """Whether all of it was shown."""
        return self._next == len(self._times)

    @property
    def moment(self) -> datetime | None:
        """When that happened which is shown now; None where the recording has no date."""
        began = self.recording.began
        if began is None or not self._next:
            return began
        return began + timedelta(seconds=self.recording.events[self._next - 1].at)

    def next_in(self) -> float | None:
        """Seconds until something more happens; None at the end."""
        return None if self.ended else max(0.0, self._times[self._next] - self.at)

    def go_to(self, at: float) -> None:
        """Show the moment `at`, from the beginning again where that lies before."""
        at = min(max(at, 0.0), self.seconds)
        if at < self.at:
            self._next, self.screen = 0, self._blank()
        self.at = at
        while not self.ended and self._times[self._next] <= at:
            self._draw()
        self.screen.publish()

    def step(self, count: int = 1) -> None:
        """Show the next things that happened, so many at once."""
        if not self.ended:
            self.go_to(self._times[min(self._next + count, len(self._times)) - 1])

    def _draw(self) -> None:
        event = self.recording.events[self._next]
        self._next += 1
        if event.size is not None:
            self.screen.resize(*event.size)
        # What a terminal would answer to the output goes to nobody.
        self.screen.feed(event.output.encode("utf-8", "replace"))

    def _blank(self) -> TerminalScreen:
        return TerminalScreen(self.recording.columns, self.recording.rows)


def _shortened(times: list[float]) -> list[float]:
    made: list[float] = []
    for before, now in pairwise([0.0, *times]):
        made.append((made[-1] if made else 0.0) + min(now - before, LONGEST_PAUSE))
    return made


class ReplayedLines:
    """The lines that a replay has finished, one after another, for a terminal or a file."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._shown = 0

    def fresh(self) -> list[str]:
        """The lines finished since the last call; at the end the unfinished one, too."""
        screen = self._replay.screen
        end = screen.frame.line_number + (1 if self._replay.ended else 0)
        if end <= self._shown:
            return []
        lines = screen.text_between(self._shown, end)
        self._shown = end
        return lines
