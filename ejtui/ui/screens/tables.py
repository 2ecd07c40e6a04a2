"""The tables screen: every table on both nodes, and which copy second will hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from ejtui.cluster.facts.node import REMOTE, STORAGE_WORDS
from ejtui.ui.render import tables
from ejtui.ui.screens.dialog import Dialog, DialogAnswer, Text
from ejtui.ui.state.actions import TABLE_ACTIONS, Action
from ejtui.ui.state.models import TableView
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, line
from ejtui.ui.widgets.main import LastLine, StatePane, TopLine
from ejtui.ui.widgets.pane import Scrolled, last_room

if TYPE_CHECKING:
    from ejtui.ui.session.protocols import Desk


class TablesScreen(Screen[None], inherit_bindings=False):
    """Arrows choose a table, Enter its copy on second; `/` filters, o sorts, d differences."""

    AUTO_FOCUS = "#tables"

    def __init__(self, state: ViewState) -> None:
        super().__init__()
        self._state = state
        self._tables = _Tables(state, id="tables")
        self._panes = (
            TopLine(state, id="top", framed=False),
            self._tables,
            _Keys(state),
        )

    def compose(self) -> ComposeResult:
        yield from self._panes
        yield last_room()

    def show(self, state: ViewState) -> None:
        """Paint what the new state changes."""
        self._state = state
        for pane in self._panes:
            pane.show(state)

    def on_screen_suspend(self) -> None:
        # Below a dialog no key stands that it does not take.
        self._panes[-1].repaint()

    def on_screen_resume(self) -> None:
        self._panes[-1].repaint()

    def on_key(self, event: events.Key) -> None:
        if event.key in ("escape", "q", "t"):
            self.dismiss(None)
        else:
            return
        # Else the screen below, which is the active one by then, would take the key too.
        event.stop()

    @property
    def types_text(self) -> bool:
        """Whether a filter is being typed."""
        return self._tables.look.typing

    def choose_storage(self, table: TableView) -> None:
        """Ask for the copy of that table on second."""
        app = cast("Desk", self.app)
        reason = table.why_fixed or TABLE_ACTIONS[0].why_not(self._state)
        if reason:
            app.notice(f"{table.name}: {reason}", is_trouble=True)
            return

        def chosen(storage: str | None) -> None:
            if storage and app.session:
                app.session.set_storage(table.name, storage)

        self.app.push_screen(storage_dialog(table, self._state), chosen)


_AT_RESTART = {
    "ram_copies": "fast; at a restart it is loaded from the other node, and gone where none runs.",
    "disc_copies": "fast, and on disk: at a restart it is loaded from there.",
    "disc_only_copies": "on disk alone: slower, and needs little memory.",
    REMOTE: "no copy: it is read from the other node, and cannot be where that does not run.",
}
"""What each copy means while the node runs, and at its restart."""


def storage_dialog(table: TableView, state: ViewState) -> Dialog:
    """Which copy second will hold; the present one is what Enter answers."""
    second = state.second.name
    when = "It is changed at once, after one more question." if state.joined else (
        "It is kept, and done in the step that copies the tables."
    )  # fmt: skip
    texts = [
        Text(f"{state.first.name} holds {table.name} as: {table.first}.", Tone.PLAIN),
        Text(f"{second} holds it as: {table.second}.", Tone.PLAIN),
        None,
        *(Text(f"{STORAGE_WORDS[storage]}: {at_restart}", Tone.QUIET)
          for storage, at_restart in _AT_RESTART.items()),
        None,
        Text(when, Tone.QUIET),
    ]  # fmt: skip
    answers = [
        DialogAnswer(str(number), storage, word)
        for number, (storage, word) in enumerate(STORAGE_WORDS.items(), 1)
    ]
    dialog = Dialog(f"Which copy will {second} hold?", texts, answers)
    labels = [answer.label for answer in answers]
    dialog.box.chosen = labels.index(table.chosen) if table.chosen in labels else 0
    return dialog


class _Tables(Scrolled, StatePane):
    def __init__(self, state: ViewState, *, id: str) -> None:
        super().__init__(state, id=id)
        self.look = tables.TableControls()

    @property
    def shown(self) -> list[TableView]:
        """The tables on the list, in their order."""
        return tables.shown_tables(self.state, self.look)

    @property
    def at_cursor(self) -> TableView | None:
        """The table under the cursor."""
        shown = self.shown
        return shown[min(self.look.cursor, len(shown) - 1)] if shown else None

    def titles(self) -> tuple[Line, Line]:
        return tables.title(self.state, self.look)

    def lines(self, width: int) -> list[Line]:
        """The header, the rows from the cursor's page, and the detail; scrolls with the cursor."""
        shown, room = self.shown, max(1, self.inner.height - 4)
        cursor = min(self.look.cursor, max(0, len(shown) - 1))
        start = max(0, min(cursor - room // 2, len(shown) - room))
        rows = [
            tables.row(table, width, self.glyphs, chosen=start + index == cursor)
            for index, table in enumerate(shown[start : start + room])
        ]
        rows += [BLANK] * (room - len(rows))
        rule = line(Span(self.glyphs.frame[1] * width, Tone.FRAME))
        detail = tables.detail(self.state, self.at_cursor, width, self.glyphs)
        return [tables.header(self.state, width), *rows, rule, *detail][: self.inner.height]

    def on_key(self, event: events.Key) -> None:
        if self.look.typing:
            self._type(event)
        elif not self._move(event.key) and not self._do(event.key):
            return
        event.stop()
        self.repaint()

    def _type(self, event: events.Key) -> None:
        typed = self.look.typed
        if event.key in ("enter", "down", "up"):
            self.look = replace(self.look, typing=False)
        elif event.key == "escape":
            self.look = replace(self.look, typing=False, typed="")
        elif event.key == "backspace":
            self.look = replace(self.look, typed=typed[:-1], cursor=0)
        elif event.character and event.character.isprintable():
            self.look = replace(self.look, typed=typed + event.character, cursor=0)

    def _move(self, key: str) -> bool:
        page, last = max(1, self.inner.height - 5), max(0, len(self.shown) - 1)
        cursor = min(self.look.cursor, last)
        to = {
            "up": cursor - 1, "down": cursor + 1, "pageup": cursor - page,
            "pagedown": cursor + page, "home": 0, "end": last,
        }.get(key)  # fmt: skip
        if to is None:
            return False
        self.look = replace(self.look, cursor=max(0, min(to, last)))
        return True

    def _do(self, key: str) -> bool:
        if key == "slash":
            self.look = replace(self.look, typing=True)
        elif key == "o":
            after = tables.SORTS.index(self.look.sort) + 1
            self.look = replace(self.look, sort=tables.SORTS[after % len(tables.SORTS)], cursor=0)
        elif key == "d":
            only = not self.look.only_differing
            self.look = replace(self.look, only_differing=only, cursor=0)
        elif key == "enter" and self.at_cursor:
            cast("TablesScreen", self.screen).choose_storage(self.at_cursor)
        else:
            return False
        return True


class _Keys(LastLine):
    @property
    def offers(self) -> Sequence[Action]:
        return TABLE_ACTIONS
