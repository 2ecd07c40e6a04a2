"""The dialog of a question to which a yes is not enough: its word is typed."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult

from ejtui.ui.screens.dialog import Box, question_text
from ejtui.ui.screens.gated import GatedScreen
from ejtui.ui.state.models import QuestionView
from ejtui.ui.text.line_input import Typed
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, line, wrap


class ConsentDialog(GatedScreen, inherit_bindings=False):
    """Returns "yes" once the word stands there and Enter is pressed, None for a no.

    Enter without a word is a no, as in every question; a wrong word is neither.
    """

    types_text = True

    def __init__(self, box: _WordBox) -> None:
        super().__init__()
        self.box = box

    def compose(self) -> ComposeResult:
        yield self.box

    def show_gate(self) -> None:
        self.box.waits_for_pause = self.gate.waits_for_pause
        self.box.repaint()

    def on_key(self, event: events.Key) -> None:
        event.stop()
        if event.key == "escape" or (event.key == "enter" and not self.box.typed.text.strip()):
            self.dismiss(None)
        elif event.key == "enter" and self.box.is_right:
            self.dismiss("yes")
        elif event.key == "enter":
            self.box.show_typed(self.box.typed, wrong=True)
        else:
            self.box.show_typed(self.box.typed.key(event.key, event.character) or self.box.typed)

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.box.show_typed(self.box.typed.pasted(event.text))


class _WordBox(Box):
    """The question, and below it the field."""

    def __init__(self, asked: QuestionView, bullet: str) -> None:
        super().__init__(asked.title, question_text(asked, bullet), (), Tone.TROUBLE)
        self._word, self._label = asked.consent, asked.yes_label
        self.typed, self._is_wrong = Typed(), False
        self.number = asked.number

    @property
    def is_right(self) -> bool:
        return self.typed.text.strip().lower() == self._word.lower()

    def show_typed(self, typed: Typed, *, wrong: bool = False) -> None:
        """Show what is typed now, and whether it was given and is another word."""
        self.typed, self._is_wrong = typed, wrong
        self.repaint()

    def answer_lines(self, width: int) -> list[Line]:
        asks = f"{self._label}? Type {self._word} to go on:"
        wrong = line(Span(f"That is not {self._word}.", Tone.TROUBLE))
        return [
            *wrap(asks, width, Tone.STRONG),
            (Span(f"{self.glyphs.cursor} ", Tone.KEY), *self.typed.shown(max(1, width - 2))),
            wrong if self._is_wrong else BLANK,
            line(Span(f"{self.glyphs.enter} ", Tone.KEY), "give it   ", Span("Esc ", Tone.KEY),
                 "no"),
        ]  # fmt: skip


def consent_dialog(asked: QuestionView, bullet: str) -> ConsentDialog:
    """The dialog of a question that has a word."""
    return ConsentDialog(_WordBox(asked, bullet))
