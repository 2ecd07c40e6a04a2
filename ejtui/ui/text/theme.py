"""How each tone looks: in true colours, and in the terminal's own sixteen.

Rich reduces true colours to 256 automatically. Reduced to sixteen they would lose their
meaning, so a terminal that has no more gets its own palette.
"""

from __future__ import annotations

from dataclasses import replace

from rich.style import Style
from textual.theme import BUILTIN_THEMES, Theme

from ejtui.ui.text.lines import Tone

_BACKGROUND = "#12161c"
_PANEL = "#1c222b"
_TEXT = "#d6dbe3"
_QUIET = "#8b95a5"
_FRAME = "#4a5566"
_GOOD = "#7cc47f"
_DIFFERS = "#e5b567"
_TROUBLE = "#ee7b70"
_GOING = "#6cb6ff"
_YOURS = "#d5a2ee"

TRUE_COLOURS: dict[Tone, Style] = {
    Tone.PLAIN: Style(),
    Tone.STRONG: Style(bold=True),
    Tone.QUIET: Style(color=_QUIET),
    Tone.GOOD: Style(color=_GOOD),
    Tone.DIFFERS: Style(color=_DIFFERS, bold=True),
    Tone.TROUBLE: Style(color=_TROUBLE, bold=True),
    Tone.GOING: Style(color=_GOING, bold=True),
    Tone.YOURS: Style(color=_YOURS, bold=True),
    Tone.KEY: Style(color=_GOING),
    Tone.CODE: Style(color="#b9d3ee"),
    Tone.CURSOR: Style(reverse=True),
    Tone.FRAME: Style(color=_FRAME),
    Tone.FOCUS: Style(color=_GOING),
}

SIXTEEN_COLOURS: dict[Tone, Style] = {
    Tone.PLAIN: Style(),
    Tone.STRONG: Style(bold=True),
    Tone.QUIET: Style(),
    Tone.GOOD: Style(color="green"),
    Tone.DIFFERS: Style(color="yellow", bold=True),
    Tone.TROUBLE: Style(color="red", bold=True),
    Tone.GOING: Style(color="cyan", bold=True),
    Tone.YOURS: Style(color="magenta", bold=True),
    Tone.KEY: Style(color="cyan"),
    Tone.CODE: Style(color="cyan"),
    Tone.CURSOR: Style(reverse=True),
    Tone.FRAME: Style(),
    Tone.FOCUS: Style(color="cyan"),
}


def looks(*, sixteen: bool) -> dict[Tone, Style]:
    """Each tone's style, of the terminal's own sixteen colours or of any."""
    return SIXTEEN_COLOURS if sixteen else TRUE_COLOURS


THEME = Theme(
    name="ejtui",
    primary=_GOING,
    secondary=_QUIET,
    accent=_YOURS,
    success=_GOOD,
    warning=_DIFFERS,
    error=_TROUBLE,
    foreground=_TEXT,
    background=_BACKGROUND,
    surface=_PANEL,
    panel=_PANEL,
)

THEME_16 = replace(BUILTIN_THEMES["ansi-dark"], name="ejtui-16", primary="ansi_cyan")
