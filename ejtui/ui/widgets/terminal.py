"""The pane that shows a live shell and passes the operator's keys to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import ClassVar, Protocol

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import RenderResult
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from wcwidth import wcwidth

from ejtui.erlang.shell.shell import Change, Control
from ejtui.erlang.terminal.cells import CellStyle, Colour, Row, Run, fitted
from ejtui.erlang.terminal.terminal import Frame, TerminalScreen

_APP_KEYS = re.compile(r"((ctrl|shift|alt)\+)*f\d+|ctrl\+(backslash|right_square_bracket)")
_WHEEL_LINES = 3

_CURSOR = Style(reverse=True)
_CURSOR_ELSEWHERE = Style(underline=True)


class ShownShell(Protocol):
    """What the pane shows: a live shell, or a recording of one."""

    @property
    def screen(self) -> TerminalScreen: ...
    @property
    def title(self) -> str: ...
    @property
    def ended(self) -> bool: ...
    @property
    def typist(self) -> Control: ...
    def listen(self, listener: Callable[[Change], None], /) -> Callable[[], None]: ...
    def key(self, data: bytes, /) -> None: ...
    def hand_back(self) -> None: ...
    def resize(self, columns: int, rows: int, /) -> None: ...


class ShellPane(Widget, can_focus=True):
    """A terminal that shows a Shell: colours, cursor, scrollback, keys and paste.

    Typing into it takes the shell over, and every key but F1 to F12, Ctrl-] and Ctrl-\\ (which
    leaves the pane) is the shell's. Page Up, Page Down and the wheel look back. Only cells that
    changed are painted. `border_title` is what it is and `border_subtitle` who types, for a parent
    that gives it a border.
    """

    ALLOW_SELECT = False
    takes_every_key = True
    DEFAULT_CSS = "ShellPane { width: 1fr; height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2,ctrl+right_square_bracket", "hand_back", "hand back",
                tooltip="Let ejtui type again"),
        Binding("ctrl+backslash", "leave", "leave", tooltip="Take the keys away from the shell"),
    ]  # fmt: skip

    class TakenOver(Message):
        """The operator types into the shell now."""

    class HandedBack(Message):
        """The operator lets ejtui type again."""

    class LookedBack(Message):
        """The view begins at another row, see `scrolled_back`."""

    class Ended(Message):
        """The shell ended; its screen stays."""

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._shell: ShownShell | None = None
        self._watching = False
        self._stop_listening: Callable[[], None] | None = None
        self._shown: list[Row] = []
        self._cursor: tuple[int, int] | None = None
        self._back = 0
        self._history = 0

    def attach(self, shell: ShownShell | None, *, watch: bool = False) -> None:
        """Show `shell` from now on, or nothing; with `watch` no key reaches it."""
        self._detach()
        self._shell, self._watching = shell, watch
        self._back = 0
        if shell is not None:
            self._stop_listening = shell.listen(self._heard)
            self._history = shell.screen.frame.history
            self._fit()
        self._say_who_types()
        self._look()
        self.refresh()

    @property
    def shell(self) -> ShownShell | None:
        """The shell that is shown."""
        return self._shell

    @property
    def scrolled_back(self) -> int:
        """How many rows above the live screen the view begins; 0 shows the live screen."""
        return self._back

    def render(self) -> RenderResult:
        """Lines are rendered one by one, see render_line()."""
        return ""

    def render_line(self, y: int) -> Strip:
        """Row `y` of the view."""
        width = self.size.width
        row = self._shown[y] if y < len(self._shown) else Row(())
        strip = _strip(row, width)
        if self._cursor is not None and self._cursor[1] == y:
            strip = self._with_cursor(strip, self._cursor[0])
        return strip.apply_style(self.rich_style)

    def action_hand_back(self) -> None:
        """Let ejtui type again."""
        if self._shell is not None:
            self._shell.hand_back()

    def action_leave(self) -> None:
        """Take the focus away, so that keys are the app's."""
        self.blur()

    def look_back(self, rows: int) -> None:
        """Move the view by `rows` into the scrollback; negative rows move it down again."""
        if self._shell is None:
            return
        frame = self._shell.screen.frame
        back = max(0, min(self._back + rows, frame.history))
        if back != self._back:
            self._back = back
            self._paint()
            self.post_message(self.LookedBack())

    async def _on_key(self, event: events.Key) -> None:
        if _APP_KEYS.fullmatch(event.key):
            return
        page = max(self.size.height - 1, 1)
        if event.key in ("pageup", "shift+pageup"):
            self.look_back(page)
        elif event.key in ("pagedown", "shift+pagedown"):
            self.look_back(-page)
        elif not self._may_type:
            return
        elif self._shell is not None:
            self.look_back(-self._back)
            text = event.character if event.is_printable else None
            self._shell.key(self._shell.screen.encode_key(event.key, text))
        event.stop()
        event.prevent_default()

    async def _on_paste(self, event: events.Paste) -> None:
        if self._shell is not None and self._may_type:
            self.look_back(-self._back)
            self._shell.key(self._shell.screen.encode_paste(event.text))
            event.stop()
            event.prevent_default()

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self.look_back(_WHEEL_LINES)
        event.stop()

    def _on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.look_back(-_WHEEL_LINES)
        event.stop()

    def _on_resize(self, _event: events.Resize) -> None:
        self._fit()
        self._look()
        self.refresh()

    def _on_focus(self, event: events.Focus) -> None:
        super()._on_focus(event)
        self._paint_cursor()

    def _on_blur(self, event: events.Blur) -> None:
        super()._on_blur(event)
        self._paint_cursor()

    def _on_unmount(self) -> None:
        self._detach()

    @property
    def _may_type(self) -> bool:
        return self._shell is not None and not self._shell.ended and not self._watching

    def _detach(self) -> None:
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None
        self._shell = None

    def _fit(self) -> None:
        """Give the shell the pane's size; a hidden pane has none."""
        if self._shell is not None and self.size.width > 1 and self.size.height > 1:
            self._shell.resize(self.size.width, self.size.height)

    def _heard(self, change: Change) -> None:
        shell = self._shell
        if shell is None:
            return
        if change is Change.SCREEN:
            self._paint()
            return
        self._say_who_types()
        if change is Change.ENDED:
            self._paint_cursor()
            self.post_message(self.Ended())
        elif shell.typist is Control.OPERATOR:
            self.post_message(self.TakenOver())
        else:
            self.post_message(self.HandedBack())

    def _say_who_types(self) -> None:
        self.border_title = self._shell.title if self._shell else ""
        self.border_subtitle = self._who_types()

    def _who_types(self) -> str:
        shell = self._shell
        if shell is None:
            return ""
        if shell.ended:
            return "ended"
        if self._watching:
            return "watching"
        if shell.typist is Control.OPERATOR:
            return "you are typing · F2 hands back"
        return "ejtui is typing"

    def _paint(self) -> None:
        """Take the latest frame and ask for the cells that changed."""
        was, cursor_was = self._shown, self._cursor
        self._look()
        size = self.size
        if not self.is_mounted or not size.area:
            return
        if len(was) != len(self._shown):
            self.refresh()
            return
        regions = [
            changed
            for y, (old, new) in enumerate(zip(was, self._shown, strict=True))
            if (changed := _changed(old, new, y, size)) is not None
        ]
        if cursor_was != self._cursor:
            regions += [Region(*at, 2, 1) for at in (cursor_was, self._cursor) if at]
        if regions:
            self.refresh(*regions)

    def _paint_cursor(self) -> None:
        if self._cursor is not None:
            self.refresh(Region(*self._cursor, 2, 1))

    def _look(self) -> None:
        """Decide which rows of the shell's screen and scrollback are shown, and the cursor."""
        if self._shell is None:
            self._shown, self._cursor = [], None
            return
        screen = self._shell.screen
        frame = screen.frame
        if self._back:
            self._back = min(self._back + max(frame.history - self._history, 0), frame.history)
        self._history = frame.history
        height = self.size.height
        above = self._above(frame, height) if self._back else []
        top = _top(frame, height) if not self._back else 0
        self._shown = [*above, *frame.rows[top:]][:height]
        column, y = frame.cursor[0], frame.cursor[1] - top + self._back
        live = frame.cursor_visible and not self._shell.ended and y < height
        self._cursor = (column, y) if live else None

    def _above(self, frame: Frame, height: int) -> list[Row]:
        """The rows of the scrollback that the view reaches back over."""
        if self._shell is None:
            return []
        first, count = frame.history - self._back, min(self._back, height)
        return self._shell.screen.history_rows(first, count)

    def _with_cursor(self, strip: Strip, x: int) -> Strip:
        style = _CURSOR if self.has_focus else _CURSOR_ELSEWHERE
        before, cell, after = strip.divide([x, x + 1, strip.cell_length]) or [strip, strip, strip]
        return Strip([*before, *cell.apply_style(style), *after], strip.cell_length)


def _top(frame: Frame, height: int) -> int:
    """The first row shown of a screen that is higher than the pane: the cursor stays in view."""
    return max(0, min(frame.cursor[1] - height + 1, len(frame.rows) - height))


@lru_cache(maxsize=1024)
def _strip(row: Row, width: int) -> Strip:
    segments = [Segment(_showable(run), _style(run.look)) for run in fitted(row, width).runs]
    return Strip(segments, width)


def _showable(run: Run) -> str:
    """The text of `run`, where every character is as wide for Textual as for the terminal."""
    if run.text.isascii() or all(cell_len(char) == wcwidth(char) for char in run.text):
        return run.text
    return "".join(
        char if cell_len(char) == wcwidth(char) else "?" * wcwidth(char) for char in run.text
    )


@lru_cache(maxsize=1024)
def _style(look: CellStyle) -> Style:
    return Style(
        color=_rich_colour(look.foreground),
        bgcolor=_rich_colour(look.background),
        bold=look.bold or None,
        dim=look.dim or None,
        italic=look.italic or None,
        underline=look.underline or None,
        reverse=look.reverse or None,
        strike=look.strike or None,
    )


def _rich_colour(colour: Colour) -> Color | None:
    if colour is None:
        return None
    return Color.from_rgb(*colour) if isinstance(colour, tuple) else Color.from_ansi(colour)


def _changed(old: Row, new: Row, y: int, size: Size) -> Region | None:
    """The stretch of line `y` that has to be painted to turn `old` into `new`."""
    if old is new or old.runs == new.runs:
        return None
    before, after = _cells(old), _cells(new)
    if before is None or after is None or len(before) != len(after):
        return Region(0, y, size.width, 1)
    places = [x for x, (was, now) in enumerate(zip(before, after, strict=True)) if was != now]
    return Region(places[0], y, places[-1] - places[0] + 1, 1)


def _cells(row: Row) -> list[tuple[str, CellStyle]] | None:
    """The cells of a row of plain characters; None where columns and characters differ."""
    if not row.text.isascii():
        return None
    return [(char, run.look) for run in row.runs for char in run.text]
