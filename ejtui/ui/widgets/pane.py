"""The base of every widget here: lines in a frame, of which only changed cells are painted again.

Textual repaints a whole widget; on a slow line that is what an operator waits for. A pane keeps
the strips that it shows, and when it is painted again asks only for the cells that differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from ejtui.ui.text.glyphs import UNICODE, Glyphs
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, fit, line, width_of
from ejtui.ui.text.theme import looks


class Pane(Widget):
    """Lines, framed unless `framed` is False, scrolled by keys or wheel where they are too many."""

    ALLOW_SELECT = False
    pages: ClassVar[bool] = False
    """Whether the page keys scroll it where it has the focus."""

    def __init__(self, *, id: str | None = None, framed: bool = True) -> None:
        super().__init__(id=id)
        self.framed = framed
        self.top = 0
        self._strips: list[Strip] = []
        self._count = 0

    # What a widget shows

    def lines(self, width: int) -> Sequence[Line]:  # noqa: ARG002
        """What is shown, for a room of `width` cells; nothing where a widget shows nothing."""
        return ()

    def titles(self) -> tuple[Line, Line]:
        """The titles at the frame's left and right."""
        return BLANK, BLANK

    # Painting

    @property
    def glyphs(self) -> Glyphs:
        """The signs that this terminal can show."""
        glyphs: Glyphs = getattr(self.app, "glyphs", UNICODE)
        return glyphs

    @property
    def inner(self) -> Size:
        """The room inside the frame."""
        if not self.framed:
            return self.size
        return Size(max(0, self.size.width - 4), max(0, self.size.height - 2))

    def repaint(self) -> None:
        """Make the lines again, and paint the cells that changed."""
        if not self.is_mounted or not self.size.area:
            return
        old, self._strips = self._strips, self._made()
        if len(old) != len(self._strips):
            self.refresh()
            return
        regions = [
            changed
            for y, (was, now) in enumerate(zip(old, self._strips, strict=True))
            if (changed := _changed(was, now, y)) is not None
        ]
        if regions:
            self.refresh(*regions)

    def restyle(self) -> None:
        """Make everything again: the colours are others."""
        self._strips = []
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of what was made; Textual calls it for the lines that it paints."""
        if len(self._strips) != self.size.height:
            self._strips = self._made()
        if y < len(self._strips):
            return self._strips[y]
        return Strip.blank(self.size.width, self.rich_style)

    def on_resize(self) -> None:
        """The room is another: everything is painted."""
        self._strips = self._made()
        self.refresh()

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()

    def get_content_height(self, _container: Size, _viewport: Size, width: int) -> int:
        """As many lines as there are, and the frame's."""
        frame = 4 if self.framed else 0
        return len(self.lines(max(1, width - frame))) + (2 if self.framed else 0)

    def _made(self) -> list[Strip]:
        room = self.inner
        shown = list(self.lines(room.width))
        self._count = len(shown)
        self.top = max(0, min(self.top, self._last_top()))
        shown = shown[self.top : self.top + room.height]
        shown += [BLANK] * (room.height - len(shown))
        if self.framed:
            return self._in_frame(shown)
        return self._made_strips(shown)

    def _in_frame(self, shown: list[Line]) -> list[Strip]:
        width = self.size.width
        if width < 4 or self.size.height < 2:
            return self._made_strips([BLANK] * self.size.height)
        focus = self.shows_focus
        signs = self.glyphs.focused if focus else self.glyphs.frame
        tone = Tone.FOCUS if focus else Tone.FRAME
        left, right = self.titles()
        side = Span(signs[3], tone)
        framed = [self._edge(signs[0:3], tone, left, right)]
        for text in shown:
            gap = Span(" " * max(0, width - 4 - width_of(text)))
            framed.append((side, Span(" "), *fit(text, width - 4, self.glyphs.cut), gap,
                           Span(" "), side))  # fmt: skip
        framed.append(self._edge(signs[4] + signs[1] + signs[5], tone, BLANK, self._more()))
        return self._made_strips(framed)

    @property
    def shows_focus(self) -> bool:
        """Whether the frame shows that the keys go here."""
        return self.has_focus

    def _edge(self, signs: str, tone: Tone, left: Line, right: Line) -> Line:
        room = self.size.width - 4
        if right:
            right = (Span(" "), *fit(right, room - 2, self.glyphs.cut), Span(" "))
        if left:
            room_left = max(0, room - width_of(right) - 2)
            left = (Span(" "), *fit(left, room_left, self.glyphs.cut), Span(" "))
        fill = max(0, room - width_of(left) - width_of(right))
        return (Span(signs[0] + signs[1], tone), *left, Span(signs[1] * fill, tone), *right,
                Span(signs[1] + signs[2], tone))  # fmt: skip

    def more(self) -> tuple[int, int]:
        """How many lines there are above and below those that are shown."""
        return self.top, self._count - self.top - self.inner.height

    def _more(self) -> Line:
        above, below = self.more()
        marks = [f"{above} {self.glyphs.more_up}"] if above > 0 else []
        if below > 0:
            key = " PgDn" if self.pages and self.shows_focus else ""
            marks.append(f"{below} {self.glyphs.more_down}{key}")
        return line(Span(" ".join(marks), Tone.QUIET))

    def _made_strips(self, shown: Sequence[Line]) -> list[Strip]:
        base, width = self.rich_style, self.size.width
        tones = {tone: base + look for tone, look in looks(self.app.theme).items()}
        return [
            Strip([Segment(part.text, tones[part.tone]) for part in text if part.text])
            .adjust_cell_length(width, base)
            .simplify()
            for text in shown
        ]

    # Scrolling

    def scroll_lines(self, by: int) -> None:
        """Move what is shown by so many lines, within bounds."""
        top = max(0, min(self.top + by, self._last_top()))
        if top != self.top:
            self.top = top
            self.repaint()

    def show_line(self, y: int) -> None:
        """Scroll as little as needed for line `y` to be seen."""
        height = max(1, self.inner.height)
        if y < self.top:
            self.top = y
        elif y >= self.top + height:
            self.top = y - height + 1

    def _last_top(self) -> int:
        return max(0, self._count - self.inner.height)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_lines(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_lines(-3)


class Scrolled(Pane, can_focus=True):
    """A pane that takes the keys, and scrolls with the arrows and the page keys."""

    pages = True

    def on_key(self, event: events.Key) -> None:
        page = max(1, self.inner.height - 1)
        by = {"up": -1, "down": 1, "pageup": -page, "pagedown": page}.get(event.key)
        if by is not None:
            event.stop()
            self.scroll_lines(by)


def _changed(was: Strip, now: Strip, y: int) -> Region | None:
    """The cells of a line that differ, as a region, or None."""
    if was == now:
        return None
    old, new = _cells(was), _cells(now)
    if len(old) != len(new):
        return Region(0, y, max(was.cell_length, now.cell_length), 1)
    differ = [x for x, (one, two) in enumerate(zip(old, new, strict=True)) if one != two]
    if not differ:
        return None
    return Region(differ[0], y, differ[-1] - differ[0] + 1, 1)


def _cells(strip: Strip) -> list[tuple[str, Style | None]]:
    """One entry a cell; the second cell of a wide character is an empty text."""
    cells: list[tuple[str, Style | None]] = []
    for segment in strip:
        if segment.text.isascii():
            cells += [(character, segment.style) for character in segment.text]
            continue
        for character in segment.text:
            cells.append((character, segment.style))
            cells += [("", segment.style)] * (width_of((Span(character),)) - 1)
    return cells


def lay_over(pane: Pane) -> None:
    """Have that pane lie at the lower end of the screen, over the others."""
    pane.styles.layer, pane.styles.dock = "last", "bottom"


def fit_height(pane: Pane) -> None:
    """Give it as many lines as it has now."""
    if pane.is_mounted and pane.size.width:
        pane.styles.height = len(pane.lines(pane.size.width))


def last_room() -> Widget:
    """The room that the last line has where its message is short."""
    return Widget(id="last-room")
