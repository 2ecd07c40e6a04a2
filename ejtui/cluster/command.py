"""A command as it is shown before it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Command:
    """What is run where, as whom: `place` is "shell" (the host's) or "erl"."""

    host: str
    as_user: str
    place: Literal["shell", "erl"]
    text: str
