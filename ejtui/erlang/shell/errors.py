"""What can go wrong while a live shell is driven."""

from __future__ import annotations

from collections.abc import Sequence


class ShellError(Exception):
    """A live erl shell failed; the text is the reason."""


class OperatorTookOver(ShellError):
    """The operator types now. Wait for `Shell.wait_handed_back()`, then look at the nodes again."""

    def __init__(self) -> None:
        super().__init__("The operator took the shell over.")


class ShellEnded(ShellError):
    """The erl ended, or the line to it dropped; `last_lines` is what stood on its screen."""

    def __init__(self, awaited: str, last_lines: Sequence[str]) -> None:
        self.last_lines = tuple(last_lines)
        super().__init__(_with_lines(f"The shell ended while {awaited} was awaited.", last_lines))


class ShellTimeout(ShellError):
    """What was awaited did not come in time; `last_lines` is what stood on the screen."""

    def __init__(self, awaited: str, seconds: float, last_lines: Sequence[str]) -> None:
        self.awaited = awaited
        self.last_lines = tuple(last_lines)
        super().__init__(_with_lines(f"No {awaited} within {seconds:g} s.", last_lines))


class ShellSyntaxError(ShellError):
    """The shell did not understand the expression; nothing was evaluated."""

    def __init__(self, text: str, complaint: str) -> None:
        self.text = text
        self.complaint = complaint
        super().__init__(f"The erl shell did not understand `{text}`: {complaint}")


def _with_lines(what: str, lines: Sequence[str]) -> str:
    return "\n".join([what, *(f"  {line}" for line in lines)]) if lines else what
