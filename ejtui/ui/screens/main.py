"""The main screen: both nodes on top, the checklist with the current step, the live erl."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget

from ejtui.ui.compositor import LeanCompositor
from ejtui.ui.render.top import PANES
from ejtui.ui.state.actions import ACTIONS
from ejtui.ui.state.view_state import Typist, ViewState
from ejtui.ui.widgets.main import (
    Checklist,
    KeysLine,
    NodePanel,
    ShellFrame,
    StatePane,
    StepPane,
    TabLine,
    TopLine,
)
from ejtui.ui.widgets.pane import last_room

if TYPE_CHECKING:
    from ejtui.ui.session.protocols import Desk

WIDE = 100
BROAD = 116
TALL = 30
_TABS_ROWS = 6
"""Rows that are not the pane's where one is shown at a time."""

_FRAME = 2
"""Rows of a pane that its frame takes."""

_STEPS = 12
"""So many rows the checklist has before its steps are known."""


class MainScreen(Screen[None], inherit_bindings=False):
    """Arranges the panes by the room there is; every key goes to the app's actions."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(key, f"act('{action.id}')", action.title, tooltip=action.tooltip,
                    priority=action.priority and key != "question_mark")
            for action in ACTIONS
            for key in (action.key, *action.also)
        ),
        *(Binding(str(number % 10), f"look_at({number})", show=False) for number in range(1, 11)),
    ]  # fmt: skip
    AUTO_FOCUS = "#checklist"
    has_all_keys = True
    """Its bindings have the keys that work on every screen, and erl's pane may take them first."""

    def __init__(self, state: ViewState) -> None:
        super().__init__()
        self._compositor = LeanCompositor()
        self._state = state
        self._pane = PANES[0]
        self._one_pane = False
        self._arranged: tuple[Size, str, bool, Widget | None, tuple[bool, bool, int]] | None = None
        self._nodes_area = Widget(id="nodes")
        self._left = Widget(id="left")
        self._keys = KeysLine(state)
        self._tabs = TabLine(state, id="tabs", framed=False)
        self._nodes_shown = NodePanel(state, id="first"), NodePanel(state, id="second")
        self._by_name: dict[str, StatePane] = {
            "checklist": Checklist(state, id="checklist"),
            "step": StepPane(state, id="step"),
            "shell": ShellFrame(state, id="shell"),
        }
        self.panes: tuple[StatePane, ...] = (
            TopLine(state, id="top", framed=False),
            *self._nodes_shown,
            self._tabs,
            *self._by_name.values(),
            self._keys,
        )

    def compose(self) -> ComposeResult:
        yield self.panes[0]
        with self._nodes_area:
            yield from self._nodes_shown
        yield self._tabs
        with Widget(id="body"):
            with self._left:
                yield self._by_name["checklist"]
                yield self._by_name["step"]
            yield self.shell_frame
        yield last_room()
        yield self._keys

    # What is shown

    def show(self, state: ViewState) -> None:
        """Paint what the new state changes."""
        ended = self._state.typist is not Typist.NOBODY and state.typist is Typist.NOBODY
        closed = bool(state.closing) and state.closing != self._state.closing
        self._state = state
        if ended and state.work and state.work.repairs and not self.shell_frame.has_focus_within:
            self.reveal("step")
        if closed and not self.shell_frame.has_focus_within:
            # What was done stands there.
            self.go_to(PANES[0])
        if self.is_mounted:
            self._arrange(self.app.size)
        for pane in self.panes:
            pane.show(state)

    @property
    def shell_frame(self) -> ShellFrame:
        """Where the live erl goes."""
        return cast("ShellFrame", self._by_name["shell"])

    @property
    def shell_room(self) -> Size:
        """The room for a live erl, also while its pane is not shown."""
        frame = self.shell_frame
        if frame.framed:
            return frame.size - (2, 2)
        return Size(self.size.width, max(0, self.size.height - _TABS_ROWS))

    @property
    def shell(self) -> Widget | None:
        """The live erl's pane, once there was one."""
        return next(iter(self.shell_frame.children), None)

    def mount_shell(self, pane: Widget) -> None:
        """Put the erl's pane into its frame."""
        self.shell_frame.mount(pane)
        self._arrange(self.size)

    # How it is arranged

    def on_mount(self) -> None:
        # Before the first layout, so that the first paint is the right one.
        self._arrange(self.app.size)

    def on_screen_suspend(self) -> None:
        self._keys.repaint()

    def on_screen_resume(self) -> None:
        self._keys.repaint()

    def on_resize(self, event: events.Resize) -> None:
        self._arrange(event.size)
        self.call_after_refresh(cast("Desk", self.app).resize_shell)

    def _arrange(self, size: Size) -> None:
        subject = self._state.about_join, bool(self._state.closing), len(self._state.steps)
        arrangement = (size, self._pane, self._one_pane, self.shell, subject)
        if arrangement == self._arranged:
            return
        self._arranged = arrangement
        tabs = size.width < WIDE or self._one_pane
        short = size.height < TALL or size.width < WIDE
        self._nodes_area.styles.height = 3 if short else 6
        for panel in self._nodes_shown:
            panel.framed = not short
        self._tabs.pane = self._pane
        self._tabs.display = tabs
        for name, frame in self._by_name.items():
            frame.framed = not tabs
            frame.display = not tabs or name == self._pane
        self._left.display = not tabs or self._pane != "shell"
        self._left.styles.width = "1fr" if tabs else 46 if size.width >= BROAD else 40
        self._left.styles.padding = (0, 1) if tabs else 0
        self._by_name["checklist"].styles.height = "1fr" if tabs else self._list_rows(size)
        self._by_name["step"].styles.height = "1fr"
        if self.shell is not None:
            self.shell.styles.margin = 0 if tabs else 1
        for pane in self.panes:
            pane.repaint()

    def _list_rows(self, size: Size) -> int:
        """Rows for the checklist, with its frame; for the pair's state half of those there are, and
        more where a join has just ended."""
        steps = max(len(self._state.steps), _STEPS) + _FRAME
        if self._state.about_join:
            return steps
        return max(steps, size.height - 16 if self._state.closing else size.height // 2 - 2)

    def go_to(self, pane: str) -> None:
        """Give that pane the keys, and the room where one is shown at a time."""
        self._pane = pane
        self._arrange(self.size)
        frame = self._by_name[pane]
        target = self.shell if pane == "shell" else frame
        self.set_focus(target)

    def reveal(self, pane: str) -> None:
        """Show that pane where one is shown at a time; the keys do not go there."""
        if self._tabs.display:
            self._pane = pane
            self.set_focus(None)
            self._arrange(self.size)

    def next_pane(self, by: int) -> None:
        """Go on to the next pane, or back with -1."""
        self.go_to(PANES[(PANES.index(self.pane) + by) % len(PANES)])

    @property
    def pane(self) -> str:
        """The pane that has the keys, or else the one shown last."""
        focused = self.focused
        for name, frame in self._by_name.items():
            if focused is not None and frame in focused.ancestors_with_self:
                return name
        return self._pane

    def toggle_one_pane(self) -> bool:
        """One pane at a time, or all; False where there is room for one alone."""
        if self.size.width < WIDE:
            return False
        self._pane = self.pane
        self._one_pane = not self._one_pane
        self._arrange(self.size)
        return True

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        self._follow_focus()

    def on_descendant_blur(self, _event: events.DescendantBlur) -> None:
        self._follow_focus()

    def _follow_focus(self) -> None:
        self._keys.erl_has_keys = self.shell_frame.has_focus_within
        self._keys.erl_rows_back = getattr(self.shell, "scrolled_back", 0)
        self._keys.repaint()
        self.shell_frame.repaint()

    def on_shell_pane_looked_back(self) -> None:
        """How far back stands beside the keys."""
        self._follow_focus()

    # Keys and messages

    def action_act(self, id: str) -> None:
        """One of the actions' keys was pressed."""
        cast("Desk", self.app).act(id)

    def action_look_at(self, number: int) -> None:
        """A number was pressed: look at that step."""
        steps = self._state.steps
        if number <= len(steps):
            cast("Desk", self.app).look_at(steps[number - 1].id)
        else:
            cast("Desk", self.app).notice("the steps are not known yet: no node has answered")

    def on_checklist_look_at(self, message: Checklist.LookAt) -> None:
        cast("Desk", self.app).look_at(message.step)

    def on_tab_line_chosen(self, message: TabLine.Chosen) -> None:
        self.go_to(message.pane)
