"""Files that nobody can change or replace, not even root: by an attribute, or by a mount.

What is about to write them looks first, so that nothing is stopped or half changed for them.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ejtui import scripts
from ejtui.cleaning import clean
from ejtui.cluster.errors import StepFailed
from ejtui.hosts import guard

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

PROGRAM = guard.fixed() + scripts.shell(__file__, "fixed_files.sh")
"""Run by the service user; its words are the paths."""

_UNREADABLE = "unreadable"
"""What root alone may look at."""

_SECONDS = 60.0

_SHOWN = 3
"""So many paths are named."""

_WORDS = {
    "immutable": "has the attribute immutable, so that not even root can change or replace it",
    "append-only": "has the attribute append-only, so that not even root can replace it",
    "read-only-mount": "is mounted read-only",
    "mount": "is a mount, so that no new file can take its place",
}

_SHOWN_BY = {"chattr": "lsattr -d", "chflags": "ls -lod", "mount": "findmnt", "umount": "findmnt"}
"""What shows it, by what undoes it."""


@dataclass(frozen=True)
class FixedFile:
    """A path that cannot be changed: what it is, and the command that undoes it."""

    path: str
    kind: str
    undo: str

    @property
    def command(self) -> str:
        """What root types on the host."""
        return f"{self.undo} {self._quoted}"

    @property
    def shown_by(self) -> str:
        """What root types on the host to see it."""
        tool = next((t for begin, t in _SHOWN_BY.items() if self.undo.startswith(begin)), "ls -l")
        return f"{tool} {self._quoted}"

    @property
    def _quoted(self) -> str:
        return shlex.quote(clean(self.path))

    def __str__(self) -> str:
        return f"{clean(self.path)} {_WORDS[self.kind]}"


async def find(node: Node, paths: Sequence[str]) -> list[FixedFile]:
    """Those of the paths, and of the directories that they lie in, that nobody can change.

    Of a path that ends with "/", the files in that directory count, too. Raises HostError: who
    could not look must not go on as if nothing were there.
    """
    argv = ["sh", "-c", PROGRAM, "fixed_files", *paths]
    user = node.platform.service_user
    said = await node.host.run(argv, user=user, timeout=_SECONDS, check=False)
    text = said.stdout.decode("utf-8", "replace")
    hidden = [path for path, kind, _ in _rows(text) if kind == _UNREADABLE]
    if hidden and node.host.root:
        argv = guard.attributes(*hidden)
        more = await node.host.run(argv, user=node.host.root, timeout=_SECONDS, check=False)
        text += more.stdout.decode("utf-8", "replace")
    return read(text)


def read(text: str) -> list[FixedFile]:
    """From what the script prints, each once. Pure."""
    return list(dict.fromkeys(FixedFile(*row) for row in _rows(text) if row[1] in _WORDS))


def _rows(text: str) -> list[list[str]]:
    rows = [line.split("\t") for line in text.split("\n")]
    return [row for row in rows if len(row) == len("pku")]


async def refuse(node: Node, paths: Sequence[str]) -> None:
    """Raises StepFailed where one of the paths is such a file, and HostError."""
    if found := await find(node, paths):
        raise StepFailed(why(node.name, found))


def why(name: str, found: Sequence[FixedFile]) -> str:
    """What is refused, and what to do. Pure."""
    named = "; ".join(map(str, found[:_SHOWN]))
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    does = "; ".join(dict.fromkeys(each.command for each in found[:_SHOWN]))
    shows = "; ".join(dict.fromkeys(each.shown_by for each in found[:_SHOWN]))
    return (
        f"on {name}, {named}{more}: nothing was changed. As root there: {shows} shows it, and "
        f"{does} undoes it (unless somebody wants it so); then run ejtui again"
    )
