"""A help page on a terminal: in its width, with the headings and keys to be seen."""

from __future__ import annotations

import shutil

from ejtui.help.layout import Mark, laid_out

_STYLES = {Mark.TEXT: "", Mark.HEADING: "bold", Mark.KEY: "cyan", Mark.CODE: "green"}
_WIDEST = 100
"""Longer lines are hard to read, however wide the terminal is."""


def show(markdown: str) -> None:
    """Print the page."""
    # Imported late: nothing but this needs it, and it takes as long as all the rest.
    from rich.console import Console
    from rich.text import Text

    width = min(shutil.get_terminal_size().columns - 1, _WIDEST)
    console = Console(highlight=False, soft_wrap=True)
    for row in laid_out(markdown, width):
        console.print(Text.assemble(*((piece.text, _STYLES[piece.mark]) for piece in row)))
