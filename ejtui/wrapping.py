"""Wrapping that leaves a command whole, so that it can be copied."""

from __future__ import annotations

import re

_JOINT = "\ue000"
"""Stands for a blank inside a command meanwhile. It does not print, so no cleaned text has it."""

_COMMAND = re.compile(r"`[^`\n]*`")


def joined(text: str, room: int | None = None) -> str:
    """The text with no blank in its `commands`, where each fits in `room` characters, if given."""

    def join(found: re.Match[str]) -> str:
        fits = room is None or len(found[0]) < room
        return found[0].replace(" ", _JOINT) if fits else found[0]

    return _COMMAND.sub(join, text) if "`" in text else text


def parted(text: str) -> str:
    """The same text with its blanks again."""
    return text.replace(_JOINT, " ")
