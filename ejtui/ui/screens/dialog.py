"""Dialogs: a text, and a few answers to choose from. The careful answer is first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.geometry import Size

from ejtui.cluster.acts.command_words import within
from ejtui.ui.screens.gated import GatedScreen
from ejtui.ui.state.models import ErrorView, QuestionView
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, line, width_of, wrap, wrap_code
from ejtui.ui.widgets.pane import Scrolled


@dataclass(frozen=True)
class DialogAnswer:
    """One answer: its key, what is returned for it, and its label."""

    key: str
    value: str
    label: str


@dataclass(frozen=True)
class Text:
    """A paragraph of a dialog; `first` stands before its first line.

    A command, or a line of a file, is shown exact.
    """

    text: str
    tone: Tone = Tone.PLAIN
    first: str = ""
    command: bool = False

    def lines(self, width: int) -> list[Line]:
        """The paragraph, as many lines as it needs."""
        if self.command:
            return wrap_code(self.text, width, first=self.first, tone=self.tone)
        return wrap(self.text, width, self.tone, first=self.first)


class Dialog(GatedScreen, inherit_bindings=False):
    """Shows a text and returns the value of the answer chosen; Esc returns None."""

    def __init__(
        self, title: str, texts: Sequence[Text | None], answers: Sequence[DialogAnswer],
        tone: Tone = Tone.STRONG,
    ) -> None:  # fmt: skip
        super().__init__()
        self.box = Box(title, texts, answers, tone)

    def compose(self) -> ComposeResult:
        yield self.box

    def show_gate(self) -> None:
        self.box.waits_for_pause = self.gate.waits_for_pause
        self.box.repaint()

    def on_key(self, event: events.Key) -> None:
        event.stop()
        if event.key == "escape":
            self.dismiss(None)
        elif event.key in ("tab", "right", "shift+tab", "left"):
            self.box.choose(-1 if event.key in ("shift+tab", "left") else 1)
        elif event.key == "enter":
            self.dismiss(self.box.answers[self.box.chosen].value)
        else:
            chosen = [answer for answer in self.box.answers if answer.key == event.key]
            if chosen:
                self.dismiss(chosen[0].value)


class Box(Scrolled):
    """The text scrolls where there is too little room; the answers are always in sight."""

    def __init__(
        self, title: str, texts: Sequence[Text | None], answers: Sequence[DialogAnswer], tone: Tone
    ) -> None:
        super().__init__()
        self.texts, self.answers, self.chosen = texts, answers, 0
        self._title, self._tone = title, tone
        self._from, self._below = 0, 0
        self.waits_for_pause = False
        self.number = 0

    def titles(self) -> tuple[Line, Line]:
        title = line(Span(self._title, self._tone))
        if self.waits_for_pause:
            return title, line(Span("you are still typing: pause, then answer", Tone.YOURS))
        # One after another: this is not the one that was answered.
        count = f"question {self.number}" if self.number > 1 else ""
        return title, line(Span(count, Tone.QUIET))

    def lines(self, width: int) -> list[Line]:
        said, answers = self._said(width), [BLANK, *self.answer_lines(width)]
        room = max(1, self.inner.height - len(answers))
        last = max(0, len(said) - room)
        self._from = min(self._from, last)
        self._below = last - self._from
        return [*said[self._from : self._from + room], *answers]

    def get_content_height(self, _container: Size, _viewport: Size, width: int) -> int:
        inner = max(1, width - 4)
        return len(self._said(inner)) + 1 + len(self.answer_lines(inner)) + 2

    def _said(self, width: int) -> list[Line]:
        texts = [*self._whole_title(width), *self.texts]
        return [row for said in texts for row in (said.lines(width) if said else [BLANK])]

    def _whole_title(self, width: int) -> list[Text | None]:
        """What the frame has no room for, where another node may be named at its end."""
        if width_of(line(Span(self._title, self._tone))) <= width - 2:
            return []
        return [Text(self._title, self._tone), None]

    def scroll_lines(self, by: int) -> None:
        self._from = max(0, self._from + by)
        self.repaint()

    def more(self) -> tuple[int, int]:
        return self._from, self._below

    def answer_lines(self, width: int) -> list[Line]:
        """The lines under the text, always in sight."""
        rows: list[Line] = [()]
        for index, answer in enumerate(self.answers):
            chosen = index == self.chosen
            sign = self.glyphs.cursor if chosen else " "
            label = Span(f"{sign}{answer.label} ", Tone.CURSOR if chosen else Tone.PLAIN)
            shown = line(Span(f"{answer.key} ", Tone.KEY), label, "   ")
            if rows[-1] and width_of(rows[-1]) + width_of(shown) > width:
                rows.append(())
            rows[-1] = (*rows[-1], *shown)
        return rows

    def choose(self, by: int) -> None:
        """Go to the next answer, or back."""
        self.chosen = (self.chosen + by) % len(self.answers)
        self.repaint()


def question_text(asked: QuestionView, bullet: str) -> list[Text | None]:
    """What a question takes, and what follows from a yes."""
    texts: list[Text | None] = [Text(text, Tone.PLAIN, f"{bullet} ") for text in asked.takes]
    if asked.consequence:
        texts += [None, Text(asked.consequence)] if texts else [Text(asked.consequence)]
    if asked.diff:
        texts += [None, *map(_diff_text, asked.diff)] if texts else map(_diff_text, asked.diff)
    before = ""
    for each in asked.commands:
        inside = within(each.place, each.text)
        where = f"on {each.host} as {each.user}{inside and f', {inside}'}"
        if where != before:
            texts += [None, Text(f"It runs, {where}:", Tone.QUIET)]
        before = where
        texts.append(Text(each.text, Tone.CODE, first="  ", command=True))
    return texts


_DIFF_TONES = {"+": Tone.GOOD, "-": Tone.TROUBLE}


def _diff_text(text: str) -> Text:
    names = text.startswith(("+++", "---"))
    return Text(text, Tone.QUIET if names else _DIFF_TONES.get(text[:1], Tone.QUIET), command=True)


def question(asked: QuestionView, bullet: str) -> Dialog:
    """The dialog of a question; No is the answer that Enter gives. Yes returns "yes"."""
    texts = question_text(asked, bullet)
    tone = Tone.TROUBLE if asked.destructive else Tone.STRONG
    answers = [DialogAnswer("n", "no", "No"), DialogAnswer("y", "yes", _yes(asked.yes_label))]
    made = Dialog(asked.title, texts, answers, tone)
    made.box.number = asked.number
    return made


def _yes(label: str) -> str:
    return label if label.lower().startswith("yes") else f"Yes: {label[:1].lower()}{label[1:]}"


def trouble(error: ErrorView) -> Dialog:
    """The dialog of an error: what, where, why, and what to do next."""
    texts: list[Text | None] = [Text(error.what, Tone.STRONG)]
    if error.where:
        texts.append(Text(f"Where: {error.where}", Tone.QUIET))
    if error.why:
        texts += [None, Text(error.why)]
    if error.next_action:
        texts += [None, Text(f"Next: {error.next_action}", Tone.GOING)]
    answers = [DialogAnswer("o", "ok", "OK")]
    if error.finding is not None:
        answers.append(DialogAnswer("f", "finding", "Show the finding"))
    if error.title:
        return Dialog(error.title, texts, answers)
    return Dialog("Something went wrong", texts, answers, Tone.TROUBLE)
