"""The base of every screen that asks: what was typed before it was painted does not answer it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.screen import ModalScreen

from ejtui.ui.keyboard import Gate

if TYPE_CHECKING:
    from ejtui.ui.session.protocols import Desk


class GatedScreen(ModalScreen[str | None], inherit_bindings=False):
    """A modal screen whose gate opens when the terminal has painted it; and again, once covered."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = Gate(self.show_gate)

    def show_gate(self) -> None:
        """The gate has opened, or waits for a pause."""

    def on_screen_resume(self) -> None:
        self.call_after_refresh(lambda: cast("Desk", self.app).keyboard.painted(self.gate))

    def on_screen_suspend(self) -> None:
        self.gate = Gate(self.show_gate)
