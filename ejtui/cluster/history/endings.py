"""How something ended, from the line of the journal that has its end."""

from __future__ import annotations

from ejtui.cluster.history.entries import JournalLine

_ANSWERED_NO = ("answered No", "not agreed to")
STOPPED = ("CancelledError", "KeyboardInterrupt", "SystemExit")
"""The names of the errors with which a person stops a run."""
NOT_STARTED = ("this needs a yes", "this needs more than a yes", "there is no backup",
               "neither ejabberd.yml sets")  # fmt: skip
"""How the reason begins where nobody answered, or what was named is not there."""


def is_refusal(why: str) -> bool:
    """Whether that is the answer No of the person in charge."""
    return why.startswith(_ANSWERED_NO)


def ending(line: JournalLine) -> tuple[str, str]:
    """The state and why: a failure by a No is `refused`, by a person who stops it `stopped`."""
    state = line.text("state")
    why = line.text("detail") or line.text("why")
    if state in ("failed", "todo") and is_refusal(why):
        return "refused", why
    if state == "failed" and why in STOPPED:
        return "stopped", ""
    return state, why
