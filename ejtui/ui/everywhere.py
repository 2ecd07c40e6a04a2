"""The keys that do the same on every screen: help, palette, paint again, quit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.screen import ModalScreen

if TYPE_CHECKING:
    from textual.app import App

_ALWAYS = {"f1": "help", "ctrl+c": "quit", "ctrl+q": "quit", "ctrl+l": "repaint"}


def everywhere(app: App[int], typed: events.Key | events.Paste) -> str | None:
    """The action of that key, whatever screen is shown; None leaves it to the screen.

    A question mark is text where text is typed, and what a question needs is chosen in it.
    """
    screen = app.screen
    if not isinstance(typed, events.Key) or getattr(screen, "has_all_keys", False):
        return None
    if typed.key == "question_mark":
        return None if getattr(screen, "types_text", False) else "help"
    if typed.key == "ctrl+p":
        return None if isinstance(screen, ModalScreen) else "palette"
    return _ALWAYS.get(typed.key)
