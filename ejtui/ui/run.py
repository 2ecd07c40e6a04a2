"""The way in: runs the app on a configuration and answers the exit code."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ejtui.config import Config
    from ejtui.ui.app import EjtuiApp
    from ejtui.ui.state.addressing import Worded


def run(
    config: Config,
    *,
    mouse: bool = True,
    ascii_only: bool | None = None,
    bell: bool = True,
    theme: str = "auto",
    worded: Worded = tuple,
) -> int:
    """Show the app until the operator leaves it.

    `mouse=False` leaves the mouse to the terminal (saves traffic on slow connections).
    `bell=False` leaves its bell and its title alone. `ascii_only` None asks the environment whether
    the terminal shows UTF-8. `theme` is dark, light, or auto: by the terminal's background.
    `worded` gives lines with the commands in them as they reach this pair.
    Answers 0. Raises what broke the app, once the terminal is as it was.
    """
    from ejtui.ui.app import EjtuiApp

    _believe_the_terminal()
    app = EjtuiApp(config, ascii_only=ascii_only, bell=bell, theme=theme)
    return _shown(app, mouse=mouse and not _in_gnu_screen(), worded=worded)


def set_up(
    path: Path,
    common: Mapping[str, str],
    *,
    mouse: bool = True,
    bell: bool = True,
    theme: str = "auto",
    worded: Worded = tuple,
) -> int:
    """Show the set-up, and after a yes the app on what was written to `path`, as `run` does.

    `common` is what holds for both hosts, by its key in the configuration.
    """
    from ejtui.ui.setup.app import SetupApp

    _believe_the_terminal()
    app = SetupApp(path, common, bell=bell, theme=theme)
    return _shown(app, mouse=mouse and not _in_gnu_screen(), worded=worded)


def _shown(app: EjtuiApp, *, mouse: bool, worded: Worded) -> int:
    app.worded = worded
    app.run(mouse=mouse)
    if app.broken is not None:
        raise app.broken
    show_parting(app.parting)
    return app.return_code or 0


def show_parting(texts: Sequence[str]) -> None:
    """On the terminal that the app has left, in its width."""
    from ejtui.ui.text.lines import plain, wrap

    width = shutil.get_terminal_size().columns
    for text in texts:
        print("\n".join(plain(row) for row in wrap(text, width)))


def _believe_the_terminal() -> None:
    """Remove exported sizes (readline exports them): they are old, and would stay for ever."""
    for stale in ("COLUMNS", "LINES"):
        os.environ.pop(stale, None)
    if _in_gnu_screen():
        # It hands on what the terminal around it has, and shows what its own TERM can.
        os.environ.pop("COLORTERM", None)


def _in_gnu_screen() -> bool:
    """Whether the terminal is GNU screen's: that keeps Escape to itself while it has the mouse."""
    return "STY" in os.environ
