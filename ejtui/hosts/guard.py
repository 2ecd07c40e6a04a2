"""What root does in a directory that another user may write: never by that user's links.

The scripts describe how. They need a POSIX shell and stat alone, on Linux and the BSDs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from ejtui import scripts
from ejtui.hosts.errors import CommandFailed, HostError

UNSAFE = 77
"""The exit code of a script that refuses."""

CHANGED = 78
"""The exit code of a script that found a file changed since it was read."""

_MARK = "unsafe-path: "


def giving(
    user: str, directory: str, name: str = "", *, named_by: Sequence[str] = (), look: bool = False
) -> list[str]:
    """Return the argv with which root gives files of another owner in `directory` to the user.

    Without a `name` it gives all that lies there, and the directory. `named_by` are the files that
    name the directory: a directory of root's is given only where root alone writes those.
    The command prints a line for each: owner, mode, path. It exits with `UNSAFE` where it refuses.
    To `look` changes nothing: it prints a line for each file that nobody can give (see fixed.sh).
    """
    does = "look" if look else "give"
    return ["/bin/sh", "-c", script("fixed", "give"), does, user, directory, name, *named_by]


def attributes(*paths: str) -> list[str]:
    """Return the argv that prints, run as root, which files an attribute keeps from any change."""
    return ["/bin/sh", "-c", script("fixed", "attributes"), "attributes", *paths]


def believing(*paths: str) -> list[str]:
    """Return the argv that prints, run as root, those of `paths` that root alone may change."""
    return ["/bin/sh", "-c", script("believe"), "believe", *paths]


def replacing(path: str, source: str, user: str, sha256: str, former: str) -> list[str]:
    """Return the argv that gives a file the content of another, which the user may read.

    Owner and mode stay. As root it is done only where root alone may write the directory, else it
    exits with `UNSAFE`; the other file is read as the user. Where it has another checksum than
    `sha256` by then, nothing is replaced. Where the file itself has another one than `former` just
    before, nothing is either, and it exits with `CHANGED`. It is replaced in one go or not at all.
    """
    return ["/bin/sh", "-c", script("replace"), "replace", path, source, user, sha256, former]


def owner_of(path: str) -> list[str]:
    """Return the argv that prints owner, group and mode of a file, as numbers."""
    return ["/bin/sh", "-c", script("owner"), "owner", path]


def giving_back(path: str, user: str, owner: str, group: str, mode: str, sha256: str) -> list[str]:
    """Return the argv with which root gives owner, group and mode back to a file.

    It is the user's, who has just put it in the place of the former one, with that checksum. It
    exits with `UNSAFE` where it is anything else.
    """
    how = [path, user, owner, group, mode, sha256]
    return ["/bin/sh", "-c", script("owner"), "owner", *how]


def placing(
    path: str, source: str, user: str, owner: str, group: str, mode: int, records: str
) -> list[str]:
    """Return the argv that makes a new file with what the user reads in `source`.

    Nothing that is there is replaced. Directories on the way are made. Owner and group that the
    host does not know become root and the user's group, and where the user could not read the file
    then, it is the user's. As root it is done only where root alone may write, else it exits with
    `UNSAFE`, as it does where something is there. It is written down in a directory of root's, or
    by the user in `records`.
    """
    how = [path, source, user, owner, group, f"{mode:04o}", records]
    return ["/bin/sh", "-c", script("record", "place"), "place", *how]


def removing(path: str, records: str) -> list[str]:
    """Return the argv that removes a file that placing() has made, and nothing else.

    It prints "removed", "gone" where there is none, "kept" where it is not what was put there.
    """
    return ["/bin/sh", "-c", script("record", "remove"), "remove", path, records]


def reason(error: HostError) -> str | None:
    """Return why a guarded command refused; None for an error of any other kind."""
    if not isinstance(error, CommandFailed) or error.code != UNSAFE:
        return None
    _, mark, why = error.stderr.partition(_MARK)
    return why.strip() if mark else None


def changed(error: HostError) -> bool:
    """Return whether replacing() found another file than the one that was read."""
    if not isinstance(error, CommandFailed) or error.code != CHANGED:
        return False
    return "changed: " in error.stderr


def fixed() -> str:
    """Return the functions that name what nobody can change, for a script without the guard."""
    return scripts.shell(__file__, "fixed.sh")


@cache
def script(*names: str) -> str:
    """Return the guard's functions, and what the scripts of those names do with them."""
    return "".join(scripts.shell(__file__, f"{each}.sh") for each in ("guard", *names))
