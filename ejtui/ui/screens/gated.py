"""The base of every screen that asks: what was typed before it was painted does not answer it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

from ejtui.ui.keyboard import Gate

if TYPE_CHECKING:
    from ejtui.ui.session.protocols import Desk


class GatedScreen(ModalScreen[str | None], inherit_bindings=False):
    """A modal screen whose gate opens when the terminal has painted it; and again, once covered."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = Gate(self.show_gate)
        self._withdrawn = False

    def show_gate(self) -> None:
        """The gate has opened, or waits for a pause."""

    def dismiss(self, result: str | None = None) -> AwaitComplete:
        """Close with that answer.

        A screen that another one covers stays, and asks again when it is seen again: Textual would
        close the other one instead.
        """
        return super().dismiss(result) if self.is_active else AwaitComplete()

    def withdraw(self) -> None:
        """Close without an answer, as soon as nothing covers it; what is asked about is over."""
        if self.is_active and not self._withdrawn:
            cast("Desk", self.app).keyboard.vanished()
            self.dismiss(None)
        self._withdrawn = True

    def on_screen_resume(self) -> None:
        if self._withdrawn:
            self._withdrawn = False
            self.withdraw()
            return
        self.call_after_refresh(lambda: cast("Desk", self.app).keyboard.painted(self.gate))

    def on_screen_suspend(self) -> None:
        self.gate = Gate(self.show_gate)
