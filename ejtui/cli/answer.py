"""What a command has to say at its end, whichever way it ends."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Answer:
    """Filled while a command runs, so that an error or an interruption finds what there is.

    `data` is the one object of `--json`; `standing` says, for people, where things stand and how
    to go on when the command is interrupted.
    """

    json: bool = False
    data: dict[str, object] = field(default_factory=dict)
    standing: str = "Nothing was changed."
