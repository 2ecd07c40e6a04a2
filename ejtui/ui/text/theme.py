"""How each tone looks: in true colours and in the terminal's own sixteen, on dark and on light.

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


LIGHT_COLOURS: dict[Tone, Style] = {
    Tone.PLAIN: Style(),
    Tone.STRONG: Style(bold=True),
    Tone.QUIET: Style(color="#5c6672"),
    Tone.GOOD: Style(color="#1f7a33"),
    Tone.DIFFERS: Style(color="#8f5a00", bold=True),
    Tone.TROUBLE: Style(color="#b3261e", bold=True),
    Tone.GOING: Style(color="#0b5cad", bold=True),
    Tone.YOURS: Style(color="#7b2fa8", bold=True),
    Tone.KEY: Style(color="#0b5cad"),
    Tone.CODE: Style(color="#274b73"),
    Tone.CURSOR: Style(reverse=True),
    Tone.FRAME: Style(color="#9aa4b1"),
    Tone.FOCUS: Style(color="#0b5cad"),
}

SIXTEEN_ON_LIGHT = SIXTEEN_COLOURS | {
    # Yellow and cyan are hard to read there.
    Tone.DIFFERS: Style(color="magenta"),
    Tone.GOING: Style(color="blue", bold=True),
    Tone.KEY: Style(color="blue"),
    Tone.CODE: Style(color="blue"),
    Tone.FOCUS: Style(color="blue"),
}


def looks(theme: str) -> dict[Tone, Style]:
    """Each tone's style in the theme of that name."""
    return _LOOKS[theme]


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

THEME_LIGHT = Theme(
    name="ejtui-light",
    primary="#0b5cad",
    secondary="#5c6672",
    accent="#7b2fa8",
    success="#1f7a33",
    warning="#8f5a00",
    error="#b3261e",
    foreground="#1c222b",
    background="#fbfbf9",
    surface="#e9ecef",
    panel="#e9ecef",
    dark=False,
)

THEME_16_LIGHT = replace(BUILTIN_THEMES["ansi-light"], name="ejtui-16-light", primary="ansi_blue")

THEMES = (THEME, THEME_LIGHT, THEME_16, THEME_16_LIGHT)

_LOOKS = {
    THEME.name: TRUE_COLOURS,
    THEME_LIGHT.name: LIGHT_COLOURS,
    THEME_16.name: SIXTEEN_COLOURS,
    THEME_16_LIGHT.name: SIXTEEN_ON_LIGHT,
}


def theme_name(*, light: bool, sixteen: bool) -> str:
    """The theme for a background, in the terminal's own sixteen colours or in any."""
    if sixteen:
        return (THEME_16_LIGHT if light else THEME_16).name
    return (THEME_LIGHT if light else THEME).name
