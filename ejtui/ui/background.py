"""Whether the terminal's background is light: asked with OSC 11, answered whenever it likes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from textual import events

QUESTION = "\x1b]11;?\x1b\\"
_REPLY = re.compile(
    r"\x1b\]11;rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})"
    r"(?:/[0-9a-fA-F]{1,4})?(?:\x07|\x1b\\)"
)
_BEGINNING = re.compile(r"\x1b(?:\](?:1(?:1(?:;[^\x07\x1b]{0,40}\x1b?)?)?)?)?\Z")
_CANNOT = ("linux", "dumb", "vt", "ansi", "unknown", "cons25")
"""Beginnings of the names of terminals that would show the question as text."""


class BackgroundSeen(events.Event, bubble=False):
    """The terminal has replied what its background is."""

    def __init__(self, *, light: bool) -> None:
        super().__init__()
        self.light = light


def can_be_asked(environ: Mapping[str, str]) -> bool:
    """Whether this kind of terminal takes the question without showing it."""
    kind = environ.get("TERM", "")
    return bool(kind) and not kind.startswith(_CANNOT)


class BackgroundReply:
    """Takes the reply out of what is typed; it may come late, and in pieces.

    Nothing is waited for: what may be its beginning is held until the next piece or a pause, and
    that only until the terminal has replied to what was asked later.
    """

    def __init__(self) -> None:
        self._held = ""
        self._may_come = True

    def take(self, text: str) -> tuple[str, bool | None]:
        """What was typed apart from it, and whether the background is light (None: no reply)."""
        text, self._held = self._held + text, ""
        found = _REPLY.search(text)
        if found is not None:
            self._may_come = False
            return text[: found.start()] + text[found.end() :], _is_light(found.groups())
        begins = _BEGINNING.search(text) if self._may_come else None
        if begins is not None:
            self._held = text[begins.start() :]
            text = text[: begins.start()]
        return text, None

    def pause(self) -> str:
        """Nothing more came: what was held is what it looks like."""
        text, self._held = self._held, ""
        return text

    def stop(self) -> None:
        """The terminal has replied to a later question: nothing need be held any more."""
        self._may_come = False


def _is_light(parts: tuple[str, ...]) -> bool:
    """By how bright people see red, green and blue."""
    red, green, blue = (int(part, 16) / float(16 ** len(part) - 1) for part in parts)
    return bool(0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5)
