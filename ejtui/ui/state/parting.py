"""What the terminal shows once the app has gone."""

from __future__ import annotations

import re

from ejtui.ui.state.view_state import Typist, ViewState


def parting(state: ViewState) -> tuple[str, ...]:
    """What the join in it did, or what stands half done. Pure."""
    if state.left:
        return (state.left,)
    condition = state.condition
    if condition is None:
        return ()
    if condition.situation.value == "half-done":
        return (_as_left(condition.text, state.typist),)
    if state.undone:
        return state.closing
    if not condition.joined:
        return ()
    # Its first line is that both nodes report the same.
    agree = condition.situation.value in ("healthy", "joined")
    return state.closing if agree else (condition.text, *state.closing[1:])


def _as_left(text: str, typist: Typist) -> str:
    """What stands half done, without its step where that goes back with the erl shell."""
    if typist is Typist.NOBODY:
        return text
    return re.sub(r"stands at step \d+, [^:]+: ", "stands half done: ", text)
