"""The terminal's title: what ejtui is at, in a few words."""

from __future__ import annotations

from ejtui.ui.state.view_state import ViewState


def terminal_title(state: ViewState) -> str:
    """The pair, and what runs, or how it stands."""
    return f"ejtui: {state.first.name}, {state.second.name}{_standing(state)}"


def _standing(state: ViewState) -> str:
    if state.work is not None:
        waits = " waits for you" if state.waits_for_operator else ""
        return f" - {state.work.title}{waits}"
    if state.condition is not None:
        return f" - {state.condition.brief}"
    return ""
