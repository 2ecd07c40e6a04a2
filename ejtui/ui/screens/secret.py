"""The dialog for a password or a passphrase: what is typed is never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult

from ejtui.ui.screens.gated import GatedScreen
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, line, wrap
from ejtui.ui.widgets.pane import Pane

if TYPE_CHECKING:
    from ejtui.hosts import SecretQuestion


class SecretDialog(GatedScreen, inherit_bindings=False):
    """Shows who asks, on which host and the attempt; returns what was typed, None for Esc."""

    types_text = True

    def __init__(self, asked: SecretQuestion) -> None:
        super().__init__()
        self._typed = ""
        self.field = _Field(asked)

    def compose(self) -> ComposeResult:
        yield self.field

    def on_key(self, event: events.Key) -> None:
        event.stop()
        if event.key == "escape":
            self.dismiss(None)
        elif event.key == "enter":
            if self._typed or self.field.same_as:
                self.dismiss(self._typed)
        elif event.key == "backspace":
            self._type(self._typed[:-1])
        elif event.key == "ctrl+u":
            self._type("")
        elif event.is_printable and event.character:
            self._type(self._typed + event.character)

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        lines = event.text.splitlines()
        self._type(self._typed + (lines[0] if lines else ""))

    def _type(self, typed: str) -> None:
        self._typed = typed
        self.field.typed = len(typed)
        self.field.repaint()


class _Field(Pane):
    """Knows how much was typed, and not what."""

    def __init__(self, asked: SecretQuestion) -> None:
        super().__init__()
        self._asked = asked
        self.same_as = asked.same_as
        self.typed = 0

    def titles(self) -> tuple[Line, Line]:
        asked = self._asked
        again = f"attempt {asked.attempt} of {asked.of}" if asked.attempt > 1 else ""
        return line(Span(asked.title, Tone.STRONG)), line(Span(again, Tone.TROUBLE))

    def lines(self, width: int) -> list[Line]:
        asked = self._asked
        said = [
            *wrap(f"{asked.who} asks, at {asked.where}:", width),
            *wrap(asked.prompt, width, Tone.STRONG, first="  "),
        ]
        if asked.attempt > 1:
            said += wrap("The answer before was wrong.", width, Tone.TROUBLE)
        if self.same_as and not self.typed:
            text = f"Enter alone gives the one that {self.same_as} took."
            said += wrap(text, width, Tone.GOING)
        elif self.same_as:
            said.append(BLANK)
        # What does not fit any more moves out at the left, as in any field.
        shown = self.glyphs.up * min(self.typed, max(0, width - 4))
        return [
            *said,
            BLANK,
            line(Span(f"{self.glyphs.cursor} ", Tone.KEY), shown, Span(" ", Tone.CURSOR)),
            BLANK,
            *wrap("It is kept in memory until ejtui ends, and shown nowhere.", width, Tone.QUIET),
            line(
                Span(f"{self.glyphs.enter} ", Tone.KEY), "give it   ", Span("Esc ", Tone.KEY), "no"
            ),
        ]

    def get_content_height(self, _container: object, _viewport: object, width: int) -> int:
        return len(self.lines(max(1, width - 4))) + 2
