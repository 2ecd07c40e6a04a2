"""What kind of terminal this is, by its TERM: whether it can show the app at all."""

from __future__ import annotations

import sys
from collections.abc import Mapping

_NOT_SCREENS = frozenset(
    {"dumb", "unknown", "network", "dialup", "emacs", "lpr", "printer", "switch"}
)
_ESCAPE = b"\x1b["


def why_not(environ: Mapping[str, str]) -> str:
    """Why the app cannot be shown on this terminal, "" where it can.

    A name that the system does not describe is believed: new terminals are all of xterm's kind.
    """
    kind = environ.get("TERM", "")
    if not kind:
        return "TERM is not set"
    if kind in _NOT_SCREENS or kind.startswith("dumb-") or _moves_no_cursor(kind):
        return f"TERM={kind}"
    return ""


def _moves_no_cursor(kind: str) -> bool:
    """Whether the system describes this terminal as one without the cursor's usual movement."""
    try:
        import curses

        curses.setupterm(kind, sys.__stdout__.fileno() if sys.__stdout__ else 1)
        return not (curses.tigetstr("cup") or b"").startswith(_ESCAPE)
    except (ImportError, OSError, ValueError):
        return False
    except curses.error:
        return False
