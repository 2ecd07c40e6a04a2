"""The signs and the frame's lines, in Unicode, and in ASCII where UTF-8 is missing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple


class Glyphs(NamedTuple):
    """Every character outside ASCII that the screens draw; each is one cell wide."""

    same: str = "═"
    differs: str = "≠"
    done: str = "✓"
    going: str = "▶"
    failed: str = "✗"
    blocked: str = "·"
    up: str = "●"
    half: str = "◐"
    down: str = "○"
    enter: str = "⏎"
    dot: str = "·"
    cut: str = "…"
    more_up: str = "↑"
    more_down: str = "↓"
    bar: str = "│"
    full: str = "█"
    empty: str = "░"
    cursor: str = "»"
    frame: str = "┌─┐│└┘"
    focused: str = "┏━┓┃┗┛"

    def key(self, key: str, shown: str) -> str:
        """A key as people read it."""
        return self.enter if key == "enter" else shown


UNICODE = Glyphs()
ASCII = Glyphs(
    same="=",
    differs="#",
    done="+",
    going=">",
    failed="!",
    blocked=".",
    up="*",
    half="~",
    down="o",
    enter="Enter",
    dot="-",
    cut="~",
    more_up="^",
    more_down="v",
    bar="|",
    full="#",
    empty=".",
    cursor=">",
    frame="+-+|++",
    focused="#=####",
)


def choose(ascii_only: bool | None = None, environ: Mapping[str, str] = os.environ) -> Glyphs:
    """The signs for this terminal: as requested, or else by the locale."""
    if ascii_only is None:
        ascii_only = not _shows_utf8(environ)
    return ASCII if ascii_only else UNICODE


def _shows_utf8(environ: Mapping[str, str]) -> bool:
    if environ.get("TERM") == "linux":
        # The kernel's console decodes UTF-8, but its fonts lack most of the signs.
        return False
    named = [environ.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")]
    if not named[0] and named[1] == "C.UTF-8" and named[2] in ("", "C", "POSIX"):
        # Python itself sets LC_CTYPE so when the locale was C: it means nothing for the terminal.
        named[1] = ""
    said = next((value for value in named if value), "")
    if not said:
        return "TMUX" not in environ or _tmux_client_shows_utf8()
    return "utf8" in said.lower().replace("-", "")


def _tmux_client_shows_utf8() -> bool:
    import subprocess

    try:
        asked = subprocess.run(
            ["tmux", "display-message", "-p", "#{client_utf8}"],
            capture_output=True,
            timeout=0.5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.stdout.strip() == b"1"
