"""A line of text as it is typed, with a cursor in it."""

from __future__ import annotations

from typing import NamedTuple

from ejtui.ui.text.lines import Line, Span, Tone, line


class Typed(NamedTuple):
    """The text, and the character before which the cursor stands."""

    text: str = ""
    at: int = 0

    def key(self, key: str, character: str | None) -> Typed | None:
        """What a key makes of it; None for a key that is not for text."""
        text, at = self
        match key:
            case "backspace":
                return Typed(text[: max(0, at - 1)] + text[at:], max(0, at - 1))
            case "delete":
                return Typed(text[:at] + text[at + 1 :], at)
            case "ctrl+u":
                return Typed(text[at:], 0)
            case "left" | "right":
                return Typed(text, max(0, min(at + (1 if key == "right" else -1), len(text))))
            case "home" | "ctrl+a":
                return Typed(text, 0)
            case "end" | "ctrl+e":
                return Typed(text, len(text))
        if character and character.isprintable():
            return self.pasted(character)
        return None

    def pasted(self, text: str) -> Typed:
        """The first line of `text` put in at the cursor."""
        first = "".join(filter(str.isprintable, (text.splitlines() or [""])[0]))
        return Typed(self.text[: self.at] + first + self.text[self.at :], self.at + len(first))

    def shown(self, width: int) -> Line:
        """The part round the cursor that has room in `width` cells."""
        start = max(0, self.at - width + 1)
        before, after = self.text[start : self.at], self.text[self.at : start + width]
        return line(before, Span(after[:1] or " ", Tone.CURSOR), after[1:])


def typed(text: str) -> Typed:
    """That text, with the cursor behind it."""
    return Typed(text, len(text))
