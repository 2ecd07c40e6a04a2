"""The palette: every action by name; what cannot be done now comes last, with its reason."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from ejtui.ui.state.actions import Action
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, fit, line, pad, spread, wrap
from ejtui.ui.widgets.pane import Scrolled

_TITLE = 26
_ROWS = 13
_ABOUT = 3


class Palette(ModalScreen[str | None], inherit_bindings=False):
    """Type to filter, arrows to choose, Enter to do; returns the action's id."""

    has_all_keys = True
    types_text = True

    def __init__(self, state: ViewState, actions: Sequence[Action]) -> None:
        super().__init__()
        self._list = _List(state, actions)

    def compose(self) -> ComposeResult:
        yield self._list

    def show(self, state: ViewState) -> None:
        """The reasons may be others now."""
        self._list.state = state
        self._list.repaint()

    def on_key(self, event: events.Key) -> None:
        event.stop()
        if event.key in ("escape", "ctrl+p", "ctrl+c"):
            self.dismiss(None)
        elif event.key == "enter":
            chosen = self._list.chosen_action
            self.dismiss(chosen.id if chosen else None)
        elif event.key in ("up", "down"):
            self._list.choose(1 if event.key == "down" else -1)
        elif event.key == "ctrl+u":
            self._list.filter_by("")
        elif event.key == "backspace":
            self._list.filter_by(self._list.typed[:-1])
        elif event.character and event.character.isprintable():
            self._list.filter_by(self._list.typed + event.character)


class _List(Scrolled):
    def __init__(self, state: ViewState, actions: Sequence[Action]) -> None:
        super().__init__(id="palette")
        self.state, self.typed, self.chosen = state, "", 0
        self._all = actions

    def titles(self) -> tuple[Line, Line]:
        return line(Span("what to do", Tone.STRONG)), line(Span("Esc closes", Tone.QUIET))

    def on_key(self, event: events.Key) -> None:
        """The screen takes every key."""

    @property
    def actions(self) -> list[Action]:
        """The actions that fit what was typed, those that can be used now first."""
        words = self.typed.lower().split()
        fitting = [
            action
            for action in self._all
            if action.id != "palette" and all(word in _names(action) for word in words)
        ]
        return sorted(fitting, key=lambda action: action.why_not(self.state) is not None)

    @property
    def chosen_action(self) -> Action | None:
        """The action under the cursor."""
        actions = self.actions
        return actions[self.chosen] if self.chosen < len(actions) else None

    def lines(self, width: int) -> list[Line]:
        typed = line(Span("find ", Tone.QUIET), self.typed, Span(" ", Tone.CURSOR))
        actions = self.actions
        start = max(0, self.chosen - _ROWS + 1)
        rows = [
            self._row(action, index == self.chosen, width)
            for index, action in enumerate(actions)
            if start <= index < start + _ROWS
        ]
        if not rows:
            rows = [line(Span("  Nothing has that in its name; Ctrl+U clears it.", Tone.QUIET))]
        rows += [BLANK] * (_ROWS - len(rows))
        return [typed, BLANK, *rows, BLANK, *self._about_chosen(width)]

    def _about_chosen(self, width: int) -> list[Line]:
        """All of what the row at the cursor may have no room for."""
        action = self.chosen_action
        reason = action.why_not(self.state) if action else ""
        text = f"Not now: {reason}." if reason else action.tooltip if action else ""
        rows = wrap(text, width, Tone.QUIET)[:_ABOUT] if text else []
        return rows + [BLANK] * (_ABOUT - len(rows))

    def _row(self, action: Action, chosen: bool, width: int) -> Line:
        reason = action.why_not(self.state)
        sign = self.glyphs.cursor if chosen else " "
        tone = Tone.STRONG if chosen else Tone.QUIET if reason else Tone.PLAIN
        left = line(
            Span(f"{sign} ", Tone.FOCUS),
            Span(pad(action.title, _TITLE), tone),
            Span(f"not now: {reason}" if reason else action.tooltip, Tone.QUIET),
        )
        key = line(
            Span(
                f" {self.glyphs.key(action.key, action.shown_key)}",
                Tone.QUIET if reason else Tone.KEY,
            )
        )
        return spread(fit(left, width - 12, self.glyphs.cut), key, width, self.glyphs.cut)

    def choose(self, by: int) -> None:
        """Move the cursor."""
        self.chosen = max(0, min(self.chosen + by, len(self.actions) - 1))
        self.repaint()

    def filter_by(self, typed: str) -> None:
        """What was typed has changed."""
        self.typed, self.chosen = typed, 0
        self.repaint()


def _names(action: Action) -> str:
    return f"{action.title} {action.id} {action.words}".lower()
