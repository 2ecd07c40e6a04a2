"""What a command reports at its end, whichever way it ends."""

from __future__ import annotations


class CommandResult:
    """Filled while a command runs, so that an error or an interruption finds what there is.

    `data` is the one object of `--json`; `standing` is, for people, the state of the pair and how
    to go on when the command is interrupted.
    """

    # A plain class: the module of dataclasses would be a third of what --version takes.
    def __init__(self, *, json: bool = False) -> None:
        self.json = json
        self.data: dict[str, object] = {}
        self.standing = "Nothing was changed."
