"""The way in: runs the app on a configuration and answers the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ejtui.config import Config


def run(config: Config, *, mouse: bool = True, ascii_only: bool | None = None) -> int:
    """Show the app until the operator leaves it.

    `mouse=False` leaves the mouse to the terminal (its reports cost a slow line dearly).
    `ascii_only` None asks the environment whether the terminal shows UTF-8.
    Answers 0. Raises what broke the app, once the terminal is as it was.
    """
    from ejtui.ui.app import EjtuiApp

    app = EjtuiApp(config, ascii_only=ascii_only)
    app.run(mouse=mouse)
    if app.broken is not None:
        raise app.broken
    return app.return_code or 0
