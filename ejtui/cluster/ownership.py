"""Giving files to a user and its own group, the same way on Linux and the BSDs.

`chown USER:` gives the group along on Linux, and on the BSDs leaves the group as it was.
"""

from __future__ import annotations

import shlex

_CHOWN = 'u=$1 p=$2; shift 2; exec chown "$@" "$u:$(id -gn "$u")" "$p"'


def chown(user: str, path: str, *options: str) -> list[str]:
    """The argv that gives `path` to the user; `options` are chown's own."""
    return ["sh", "-c", _CHOWN, "chown", user, path, *options]


def owner(user: str) -> str:
    """The user and its group as chown takes them in a shell's line, for showing."""
    return f"{shlex.quote(user)}:$(id -gn {shlex.quote(user)})"
