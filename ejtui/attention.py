"""What calls the operator back to a terminal: its title, its bell, a desktop notification."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from ejtui.cleaning import clean

AWAY_AFTER = 5.0
"""Seconds without a key after which the operator may be looking elsewhere."""

_OSC_9 = ("iTerm.app", "WezTerm", "ghostty")
_OSC_777 = ("foot", "rxvt-unicode", "contour", "xterm-ghostty")
_NO_TITLE = frozenset({"", "dumb", "linux", "unknown"})
_LONGEST = 100


class Attention:
    """Writes to one terminal with `write`; to none where it is not `on`, or shows no titles.

    A desktop notification is sent where the terminal is known for it: OSC 9, or OSC 777. Every
    other gets the bell alone, which tmux and GNU screen hand on as their own alert.
    """

    def __init__(
        self, write: Callable[[str], None], environ: Mapping[str, str] = os.environ, *, on: bool
    ) -> None:
        self._write, self._environ = write, environ
        self._on = on and environ.get("TERM", "") not in _NO_TITLE
        self._title = ""

    def title(self, text: str) -> None:
        """Give the terminal that title; the one before comes back with `end`."""
        if not self._on or text == self._title:
            return
        keep = "" if self._title else "\x1b[22;2t"
        self._title = text
        self._write(f"{keep}\x1b]2;{_safe(text)}\x07")

    def call(self, text: str) -> None:
        """Ring, and show the text on the desktop where the terminal can."""
        if self._on:
            self._write(f"{self._notification(_safe(text))}\x07")

    def end(self) -> None:
        """Give the terminal its own title back."""
        if self._title:
            self._title = ""
            # Where titles are not kept, an empty one is better than one that is no longer true.
            self._write("\x1b]2;\x07\x1b[23;2t")

    def _notification(self, text: str) -> str:
        names = {self._environ.get(name, "") for name in ("TERM_PROGRAM", "LC_TERMINAL", "TERM")}
        if names & {"iTerm2", *_OSC_9}:
            return f"\x1b]9;{text}\x07"
        if any(name.startswith(_OSC_777) for name in names):
            return f"\x1b]777;notify;ejtui;{text}\x07"
        return ""


def _safe(text: str) -> str:
    """One short line without anything that would end the sequence, or part it."""
    return clean(" ".join(text.split())).replace(";", ",")[:_LONGEST]
