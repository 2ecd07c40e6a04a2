"""The keys by where they work: what F1 and `ejtui help keys` both show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ejtui.ui.state.actions import (
    ACTIONS,
    BACKUP_ACTIONS,
    FINDING_ACTIONS,
    HISTORY_ACTIONS,
    REPLAY_ACTIONS,
    SETTING_ACTIONS,
    TABLE_ACTIONS,
    Action,
)

ABOUT = (
    "ejtui joins second to first step by step. A step is done when both nodes report it; so you "
    "may leave at any time, and go on later from where the nodes stand.",
    "You are asked before anything is removed or replaced. Enter answers No.",
    "Type into the erl pane to take it over, at any moment; F2 or Ctrl+] (on many keyboards: "
    "Ctrl+5) hands it back, and ejtui looks at both nodes again before it goes on. PgUp, PgDn and "
    "the wheel look back in it.",
    "? opens this help on every screen, Ctrl+P finds an action by its name, and / searches in "
    "help, in the log and among the tables.",
    "Options of `ejtui`: --theme=light or --theme=dark, where the colours do not fit the "
    "terminal's background; --no-bell, for no bell, notification or title when something ends or "
    "is asked; --no-mouse leaves the mouse to the terminal.",
)

SIGNS = (
    ("same", "both nodes report the same"),
    ("differs", "the nodes differ"),
    ("dot", "between the nodes' names: they cannot be compared, or are joined and broken"),
    ("done", "done: both nodes report it"),
    ("going", "running, or next"),
    ("failed", "failed, or not reached"),
    ("up", "the node runs"),
    ("half", "the node runs in part, or starts"),
    ("down", "the node does not run"),
    ("cursor", "what you look at"),
)
"""The signs by the name of their glyph."""

WORDS = (
    ("acc", "accounts"),
    ("k, M", "thousands, or millions of them"),
    ("tab", "tables"),
    ("runs", "alone, or with which other nodes it runs as one cluster"),
    ("config, cfg", "in how many settings the two ejabberd.yml differ: e shows them"),
)
"""What is short where the screen is narrow."""

_PLACES = {
    "In the tables": TABLE_ACTIONS,
    "In the findings": FINDING_ACTIONS,
    "In the settings": SETTING_ACTIONS,
    "In the backups": BACKUP_ACTIONS,
    "In the history": HISTORY_ACTIONS,
    "In a replay": REPLAY_ACTIONS,
}


def groups() -> Iterator[tuple[str, Sequence[Action]]]:
    """Each group's title and its keys: those of the main screen, then of the other screens."""
    order = list(dict.fromkeys(action.group for action in ACTIONS))
    ordered = sorted(ACTIONS, key=lambda action: order.index(action.group))
    for title, actions in groupby(ordered, key=lambda action: action.group):
        yield title, tuple(actions)
    yield from _PLACES.items()
