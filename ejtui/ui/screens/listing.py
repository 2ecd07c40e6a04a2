"""What the screens of findings, backups and runs share: a list, and what is looked at in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from ejtui.ui.state.actions import BY_ID, Action
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.widgets.main import LastLine, StatePane, TopLine
from ejtui.ui.widgets.pane import Scrolled, last_room

if TYPE_CHECKING:
    from ejtui.ui.session.protocols import Desk
    from ejtui.ui.state.updates import Update


class ListPane(StatePane, can_focus=True):
    """The entries of a list, a line each, one of them looked at."""

    HEAD: ClassVar = 0
    """So many lines stand before the first entry."""

    def entries(self, state: ViewState) -> Sequence[object]:
        """What is listed, in its order."""
        raise NotImplementedError

    def cursor(self, state: ViewState) -> int | None:
        """Which of them is looked at, by its place."""
        raise NotImplementedError

    def looked_at(self, entry: object) -> Update:
        """What happens when another one is looked at."""
        raise NotImplementedError

    def show(self, state: ViewState) -> None:
        self._count = len(self.entries(state)) + self.HEAD
        index = self.cursor(state) or 0
        # What stands before the first entry comes back with it.
        self.show_line(index + self.HEAD if index else 0)
        super().show(state)

    def choose(self, by: int) -> None:
        """Look at the next entry, or at the one before."""
        # What is painted may be older: keys come faster.
        state = cast("Desk", self.app).state
        index = self.cursor(state)
        if index is not None:
            self._look_at(state, index + by)

    def on_click(self, event: events.Click) -> None:
        self._look_at(self.state, event.y - 1 - self.HEAD + self.top)

    def _look_at(self, state: ViewState, index: int) -> None:
        entries = self.entries(state)
        if 0 <= index < len(entries):
            cast("Desk", self.app).apply(self.looked_at(entries[index]))


class DetailPane(Scrolled, StatePane):
    """The entry looked at; from its beginning when it is another one."""

    _shown: object = None

    def subject(self, state: ViewState) -> object:
        """What distinguishes the entry from others."""
        raise NotImplementedError

    def show(self, state: ViewState) -> None:
        subject = self.subject(state)
        if subject != self._shown:
            self._shown, self.top = subject, 0
        super().show(state)

    def turn(self, by: int) -> None:
        """A page on, or back."""
        self.scroll_lines(by * max(1, self.inner.height - 1))


class _Keys(LastLine):
    def __init__(self, state: ViewState, actions: Sequence[Action]) -> None:
        super().__init__(state)
        self._actions = actions

    @property
    def offers(self) -> Sequence[Action]:
        return self._actions


class ListScreen(Screen[None], inherit_bindings=False):
    """Arrows choose an entry, the page keys read on, Escape closes."""

    KEYS: ClassVar[Mapping[str, str]]
    """What a key does, by the action's name."""
    LEAVES: ClassVar[frozenset[str]]
    """What closes the screen, beside Escape and q."""
    AGAIN: ClassVar[str] = ""
    """What lists again when a node came or went, or another ejtui has changed the pair."""

    def __init__(
        self, state: ViewState, list_: ListPane, detail: DetailPane, actions: Sequence[Action]
    ) -> None:
        super().__init__()
        self._list, self._detail = list_, detail
        self._changes = state.list_changes
        self._panes = (TopLine(state, id="top", framed=False), list_, detail, _Keys(state, actions))

    def compose(self) -> ComposeResult:
        yield from self._panes
        yield last_room()

    def on_mount(self) -> None:
        self._list.styles.height = self.list_height(self._list.state)

    def show(self, state: ViewState) -> None:
        """Paint what the new state changes."""
        if state.list_changes != self._changes:
            self._list_again(state)
        self._list.styles.height = self.list_height(state)
        for pane in self._panes:
            pane.show(state)

    def _list_again(self, state: ViewState) -> None:
        """Where a listing runs already it is followed by another one."""
        if self.AGAIN and BY_ID[self.AGAIN].why_not(state) is None:
            self._changes = state.list_changes
            cast("Desk", self.app).act(self.AGAIN)

    def on_screen_suspend(self) -> None:
        # Below a dialog no key stands that it does not take.
        self._panes[-1].repaint()

    def on_screen_resume(self) -> None:
        self._panes[-1].repaint()

    def list_height(self, state: ViewState) -> int:
        """So many lines has the list, with its frame."""
        raise NotImplementedError

    def on_key(self, event: events.Key) -> None:
        if doing := self.KEYS.get(event.key):
            cast("Desk", self.app).act(doing)
        elif event.key in ("escape", "q") or event.key in self.LEAVES:
            self.dismiss(None)
        elif event.key in ("up", "down"):
            self._list.choose(1 if event.key == "down" else -1)
        elif event.key in ("pageup", "pagedown"):
            self._detail.turn(1 if event.key == "pagedown" else -1)
        else:
            return
        # Else the screen below, which is the active one by then, would take the key too.
        event.stop()
