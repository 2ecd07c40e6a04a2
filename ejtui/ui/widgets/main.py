"""The panes of the main screen: each paints one part of the state."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message

from ejtui.ui.render import checklist as checklist_painter
from ejtui.ui.render import findings, nodes, pair, step, top
from ejtui.ui.render.key_bar import (
    able,
    covered_line,
    erl_keys_line,
    key_at,
    notice_lines,
    offered_line,
)
from ejtui.ui.state.actions import Action
from ejtui.ui.state.view_state import NodeView, Typist, ViewState
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, line
from ejtui.ui.widgets.pane import Pane, Scrolled, fit_height, lay_over

_SCROLLS = ("up", "pagedown")
"""Keys that stand for two, one for each direction."""


class StatePane(Pane):
    """A pane painted from the whole state."""

    def __init__(self, state: ViewState, *, id: str, framed: bool = True) -> None:
        super().__init__(id=id, framed=framed)
        self.state = state

    def show(self, state: ViewState) -> None:
        """Paint what changed from the state shown before."""
        self.state = state
        self.repaint()


class TopLine(StatePane):
    """The first line of the screen."""

    def lines(self, width: int) -> Sequence[Line]:
        return [top.top_line(self.state, width, self.glyphs)]


class TabLine(StatePane):
    """The panes' names, where one is shown at a time."""

    pane = top.PANES[0]

    class Chosen(Message):
        """The operator clicked a tab."""

        def __init__(self, pane: str) -> None:
            super().__init__()
            self.pane = pane

    def lines(self, width: int) -> Sequence[Line]:
        return [top.tab_line(self.state, self.pane, width, self.glyphs)]

    def on_click(self, event: events.Click) -> None:
        x = 1
        for name in top.PANES:
            if x <= event.x < x + len(name) + 2:
                self.post_message(self.Chosen(name))
            x += len(name) + 3


class LastLine(StatePane):
    """The last line of a screen: its keys, or a message, which may cover lines above it.

    The panes keep their sizes meanwhile. A screen has a `last_room` below its other panes.
    """

    erl_has_keys = False

    def __init__(self, state: ViewState) -> None:
        super().__init__(state, id="keys", framed=False)
        lay_over(self)

    @property
    def is_erls(self) -> bool:
        """Whether what is typed goes to a live erl: one that has ended takes nothing."""
        return self.erl_has_keys and self.state.typist is not Typist.NOBODY

    @property
    def offers(self) -> Sequence[Action]:
        """What may be done here."""
        raise NotImplementedError

    def keys(self, width: int) -> Line:
        """What can be used now."""
        return offered_line(self.state, self.offers, width, self.glyphs)

    def on_click(self, event: events.Click) -> None:
        """A key's name is a button, too."""
        if self.state.notice or hasattr(self.app.screen, "gate") or self.is_erls:
            return
        key = key_at(self.state, self.offers, self.size.width, self.glyphs, event.x)
        if key and key not in _SCROLLS:
            self.app.simulate_key(key)

    def lines(self, width: int) -> Sequence[Line]:
        if hasattr(self.app.screen, "gate"):
            # A dialog lies over the screen.
            return [covered_line()]
        if self.state.notice:
            return notice_lines(self.state, width, self.glyphs)
        return [self.keys(width)]

    def show(self, state: ViewState) -> None:
        super().show(state)
        fit_height(self)


class KeysLine(LastLine):
    """The last line of the main screen."""

    erl_rows_back = 0

    @property
    def offers(self) -> Sequence[Action]:
        return able(self.state)

    def keys(self, width: int) -> Line:
        if self.is_erls:
            return erl_keys_line(self.state, width, self.glyphs, self.erl_rows_back)
        return super().keys(width)


class NodePanel(StatePane):
    """One node: framed with four facts' lines, or three lines where there is little room."""

    def _node_and_other(self) -> tuple[NodeView, NodeView]:
        first, second = self.state.first, self.state.second
        return (first, second) if self.id == "first" else (second, first)

    def lines(self, width: int) -> Sequence[Line]:
        node, other = self._node_and_other()
        if self.framed:
            return nodes.panel(node, other, width, self.glyphs)
        edge = (Span(f"{self.glyphs.bar} ", Tone.FRAME),) if self.id == "second" else (Span(" "),)
        rows = nodes.brief(node, other, width - 2, self.glyphs, self.id or "")
        return [(*edge, *row) for row in rows]

    def titles(self) -> tuple[Line, Line]:
        node, _other = self._node_and_other()
        return nodes.title(node, self.id or ""), nodes.health(node, self.glyphs)


class Checklist(Scrolled, StatePane):
    """The steps; the pair's state where no join is the subject.

    The arrows and numbers look at others than the current one.
    """

    class LookAt(Message):
        """The operator looks at another step."""

        def __init__(self, step: str) -> None:
            super().__init__()
            self.step = step

    def lines(self, width: int) -> Sequence[Line]:
        if self.state.about_join:
            return checklist_painter.checklist(self.state, width, self.glyphs)
        return pair.pair_pane(self.state, width, self.glyphs)

    def titles(self) -> tuple[Line, Line]:
        return line("checklist" if self.state.about_join else "the pair"), BLANK

    def show(self, state: ViewState) -> None:
        self.state = state
        self._keep_in_sight()
        self.repaint()

    def on_resize(self) -> None:
        super().on_resize()
        self._keep_in_sight()
        self.repaint()

    def on_key(self, event: events.Key) -> None:
        by = {"up": -1, "down": 1}.get(event.key)
        if by is not None:
            event.stop()
            if self.state.about_join:
                self._look(self._index() + by)
            else:
                self.scroll_lines(by)

    def on_click(self, event: events.Click) -> None:
        self._look(event.y - (1 if self.framed else 0) + self.top)

    def _look(self, index: int) -> None:
        if self.state.about_join and 0 <= index < len(self.state.steps):
            self.post_message(self.LookAt(self.state.steps[index].id))

    def _index(self) -> int:
        shown = self.state.shown_step
        return self.state.steps.index(shown) if shown in self.state.steps and shown else 0

    def _keep_in_sight(self) -> None:
        if not self.state.about_join:
            self.top = 0
            return
        self._count = len(self.state.steps)
        self.show_line(self._index())


class StepPane(Scrolled, StatePane):
    """What the step looked at runs, and what the nodes reported."""

    _step = ""

    @property
    def _shows_finding(self) -> bool:
        """Whether what the check found matters, and no step."""
        state = self.state
        return not state.about_join and state.work is None and state.diagnosis is not None

    def lines(self, width: int) -> Sequence[Line]:
        if self._shows_finding:
            return findings.detail(self.state, width, self.glyphs)
        return step.step_pane(self.state, width, self.glyphs)

    def titles(self) -> tuple[Line, Line]:
        if self._shows_finding:
            return findings.detail_title(self.state), BLANK
        return step.pane_title(self.state), BLANK

    def show(self, state: ViewState) -> None:
        shown = state.shown_step
        if shown and shown.id != self._step:
            self._step, self.top = shown.id, 0
        super().show(state)


class ShellFrame(StatePane):
    """The frame round the live erl; without one, it shows how to open one."""

    def lines(self, width: int) -> Sequence[Line]:
        return [] if self.children else top.no_shell(self.state, width)

    def titles(self) -> tuple[Line, Line]:
        on = f"erl on {self.state.shell_on}" if self.state.shell_on else "erl"
        if self.children and self.state.shell_on and self.state.typist is Typist.NOBODY:
            return line(on), line(Span("it has ended", Tone.QUIET))
        return line(on), top.typist(self.state)

    @property
    def shows_focus(self) -> bool:
        return self.has_focus_within
