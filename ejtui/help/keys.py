"""The page of keys, made from the list of actions that the app itself uses."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import fill

from ejtui.ui.state.actions import Action
from ejtui.ui.state.keys import ABOUT, SIGNS, WORDS, groups
from ejtui.ui.text.glyphs import choose

_COLUMNS = 100


def page() -> str:
    """The page, as Markdown."""
    glyphs = choose()
    parts = ["# Keys", *(fill(text, _COLUMNS) for text in ABOUT)]
    for title, actions in groups():
        rows = ((_key(each), f"{each.title}. {each.tooltip}") for each in actions)
        parts += [f"## {title}", _table("key", "what it does", rows)]
    signs = [(str(getattr(glyphs, name)), meaning) for name, meaning in SIGNS]
    parts += ["## Signs", _table("sign", "meaning", [*signs, *WORDS])]
    return "\n\n".join(parts) + "\n"


def _key(action: Action) -> str:
    return "Enter" if action.key == "enter" else action.shown_key


def _table(head: str, other: str, rows: Iterable[tuple[str, str]]) -> str:
    lines = (f"| {key} | {text} |" for key, text in rows)
    return "\n".join([f"| {head} | {other} |", "|---|---|", *lines])
