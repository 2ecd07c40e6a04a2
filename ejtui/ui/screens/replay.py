"""The replay screen: a recording in the erl pane, at any speed and from any moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from ejtui.erlang.shell.shell import Change, Control
from ejtui.erlang.terminal.replay import Replay
from ejtui.erlang.terminal.terminal import TerminalScreen
from ejtui.ui.text.lines import Line, Span, Tone, line, spread
from ejtui.ui.widgets.pane import Pane
from ejtui.ui.widgets.terminal import ShellPane

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
JUMP_SECONDS = 5.0
_BEAT = 0.05
_KEYS = (
    ("Space", "pause"), ("Left Right", "5 s"), ("+ -", "speed"), ("0-9", "jump"),
    ("PgUp PgDn", "back"), ("Esc", "close"),
)  # fmt: skip


class ReplayedShell:
    """A recording as the erl pane sees a shell: nobody types into it."""

    typist, ended = Control.EJTUI, True

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self.title = replay.recording.title
        self._listener: Callable[[Change], None] | None = None

    @property
    def screen(self) -> TerminalScreen:
        return self.replay.screen

    def listen(self, heard: Callable[[Change], None]) -> Callable[[], None]:
        """Has `heard` called when the screen has changed; what it returns ends that."""
        self._listener = heard

        def stop() -> None:
            self._listener = None

        return stop

    def changed(self) -> None:
        """The screen shows something else."""
        if self._listener is not None:
            self._listener(Change.SCREEN)

    def key(self, data: bytes) -> None:
        """Goes nowhere."""

    def hand_back(self) -> None:
        """Nobody took it over."""

    def resize(self, columns: int, rows: int) -> None:
        """The recording keeps the size that it was made with."""


class ReplayScreen(Screen[None], inherit_bindings=False):
    """Plays at once; Space pauses, the arrows jump, plus and minus change the speed."""

    AUTO_FOCUS = ""

    def __init__(self, replay: Replay) -> None:
        super().__init__()
        self._replay = replay
        self._shell = ReplayedShell(replay)
        self._pane = ShellPane(id="body")
        self._top = _Text(self._heading, id="top")
        self._speed = SPEEDS.index(1.0)
        self._paused = False
        self._last = time.monotonic()
        self._wanted: float | None = None
        self._drawing: asyncio.Task[None] | None = None

    def compose(self) -> ComposeResult:
        yield self._top
        yield self._pane
        yield _Text(_keys, id="keys")

    def on_mount(self) -> None:
        self._pane.attach(self._shell, watch=True)
        self.set_interval(_BEAT, self._beat)

    def _beat(self) -> None:
        now = time.monotonic()
        passed, self._last = now - self._last, now
        busy = self._drawing is not None and not self._drawing.done()
        if busy or (self._wanted is None and (self._paused or self._replay.ended)):
            return
        at = self._wanted
        if at is None:
            at = self._replay.at + passed * SPEEDS[self._speed]
        self._wanted = None
        # A jump over a long recording takes a while: the screens go on meanwhile.
        self._drawing = asyncio.create_task(self._draw(at))

    async def _draw(self, at: float) -> None:
        await asyncio.to_thread(self._replay.go_to, at)
        self._shell.changed()
        self._top.repaint()

    def on_key(self, event: events.Key) -> None:
        event.stop()
        if event.key in ("escape", "q"):
            self.dismiss(None)
        elif event.key == "space":
            self._pause()
        elif event.key in ("left", "right"):
            by = JUMP_SECONDS if event.key == "right" else -JUMP_SECONDS
            self._jump((self._replay.at if self._wanted is None else self._wanted) + by)
        elif event.key in ("home", "end"):
            self._jump(0.0 if event.key == "home" else self._replay.seconds)
        elif event.key in ("plus", "minus", "up", "down"):
            self._faster(1 if event.key in ("plus", "up") else -1)
        elif event.character and event.character in "0123456789":
            self._jump(self._replay.seconds * int(event.character) / 10)
        elif event.key in ("pageup", "pagedown"):
            page = max(1, self._pane.size.height - 1)
            self._pane.look_back(page if event.key == "pageup" else -page)

    def _pause(self) -> None:
        self._paused = not self._paused
        if not self._paused and self._replay.ended:
            self._wanted = 0.0
        self._top.repaint()

    def _jump(self, at: float) -> None:
        self._wanted = min(max(at, 0.0), self._replay.seconds)

    def _faster(self, by: int) -> None:
        self._speed = min(max(self._speed + by, 0), len(SPEEDS) - 1)
        self._top.repaint()

    def _heading(self, width: int, pane: Pane) -> Line:
        replay = self._replay
        moment = replay.moment
        when = moment.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z") if moment else ""
        now = "end" if replay.ended else "paused" if self._paused else "playing"
        tone = Tone.GOING if now == "playing" else Tone.YOURS
        left = line(Span(" replay ", Tone.STRONG), Span(f" {self._shell.title}", Tone.QUIET))
        right = line(
            Span(f"{when}  ", Tone.QUIET),
            f"{_clock(replay.at)} / {_clock(replay.seconds)}  {SPEEDS[self._speed]:g}x  ",
            Span(f"{now} ", tone),
        )
        return spread(left, right, width, pane.glyphs.cut)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


def _keys(width: int, pane: Pane) -> Line:
    del width, pane
    parts: list[Span] = []
    for key, what in _KEYS:
        parts += [Span(f" {key}", Tone.KEY), Span(f" {what} ", Tone.QUIET)]
    return line(*parts)


class _Text(Pane):
    """One line that is made when it is painted."""

    def __init__(self, maker: Callable[[int, Pane], Line], *, id: str) -> None:
        super().__init__(id=id, framed=False)
        self._maker = maker

    def lines(self, width: int) -> list[Line]:
        return [self._maker(width, self)]
