"""The findings screen: what is wrong, the worst first; one of them whole, with its repair."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from ejtui.ui.render import findings
from ejtui.ui.render.key_bar import offered_line
from ejtui.ui.state.actions import FINDING_ACTIONS
from ejtui.ui.state.diagnosis_updates import LookedAtFinding
from ejtui.ui.state.models import FindingKey
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.lines import BLANK, Line
from ejtui.ui.widgets.main import StatePane, TopLine
from ejtui.ui.widgets.pane import Scrolled

if TYPE_CHECKING:
    from ejtui.ui.session.protocols import Desk

_MOST_ROWS = 6


class FindingsScreen(Screen[None], inherit_bindings=False):
    """Arrows choose a finding, the page keys read on, Enter repairs it, r checks again."""

    AUTO_FOCUS = "#findings"

    def __init__(self, state: ViewState) -> None:
        super().__init__()
        self._list = _List(state, id="findings")
        self._detail = _Detail(state, id="finding")
        self._panes = (
            TopLine(state, id="top", framed=False),
            self._list,
            self._detail,
            _Keys(state, id="keys", framed=False),
        )

    def compose(self) -> ComposeResult:
        yield from self._panes

    def on_mount(self) -> None:
        self._arrange(self._list.state)

    def show(self, state: ViewState) -> None:
        """Paint what the new state changes."""
        self._arrange(state)
        for pane in self._panes:
            pane.show(state)

    def _arrange(self, state: ViewState) -> None:
        rows = max(1, min(_MOST_ROWS, len(state.findings)))
        # A sentence in place of the list may take two lines on a narrow screen.
        self._list.styles.height = rows + 2 + (not state.findings and self.app.size.width < 80)

    def on_key(self, event: events.Key) -> None:
        app = cast("Desk", self.app)
        doing = {"enter": "repair", "m": "repair", "r": "check", "c": "copy"}.get(event.key)
        if doing:
            app.act(doing)
        elif event.key in ("escape", "q", "f"):
            self.dismiss(None)
        elif event.key in ("up", "down"):
            self._list.choose(1 if event.key == "down" else -1)
        elif event.key in ("pageup", "pagedown"):
            self._detail.turn(1 if event.key == "pagedown" else -1)
        else:
            return
        # Else the screen below, which is the active one by then, would take the key too.
        event.stop()


class _List(StatePane, can_focus=True):
    """The findings, a line each."""

    def titles(self) -> tuple[Line, Line]:
        return findings.findings_title(self.state, self.glyphs)

    def lines(self, width: int) -> list[Line]:
        return findings.finding_rows(self.state, width, self.glyphs)

    def show(self, state: ViewState) -> None:
        self._count = len(state.findings)
        shown = state.shown_finding
        self.show_line(state.findings.index(shown) if shown else 0)
        super().show(state)

    def choose(self, by: int) -> None:
        """Look at the next finding, or at the one before."""
        found, shown = self.state.findings, self.state.shown_finding
        if shown is not None:
            self._look_at(found.index(shown) + by)

    def on_click(self, event: events.Click) -> None:
        self._look_at(event.y - 1 + self.top)

    def _look_at(self, index: int) -> None:
        if 0 <= index < len(self.state.findings):
            cast("Desk", self.app).apply(LookedAtFinding(self.state.findings[index].key))


class _Detail(Scrolled, StatePane):
    """The finding looked at; from its beginning when it is another one."""

    _shown: FindingKey | None = None

    def titles(self) -> tuple[Line, Line]:
        return findings.detail_title(self.state), BLANK

    def lines(self, width: int) -> list[Line]:
        return findings.detail(self.state, width, self.glyphs)

    def show(self, state: ViewState) -> None:
        finding = state.shown_finding
        key = finding.key if finding else None
        if key != self._shown:
            self._shown, self.top = key, 0
        super().show(state)

    def turn(self, by: int) -> None:
        """A page on, or back."""
        self.scroll_lines(by * max(1, self.inner.height - 1))


class _Keys(StatePane):
    def lines(self, width: int) -> list[Line]:
        return [offered_line(self.state, FINDING_ACTIONS, width, self.glyphs)]
