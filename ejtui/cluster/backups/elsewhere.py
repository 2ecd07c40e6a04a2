"""The note in the usual place of backups of the other directories that backups lie in.

Another operator's configuration may name a directory (`backup_dir`) that this one does not know.
The note lies as a manifest does, in a separate directory, and is believed as one is.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from ejtui.cluster.backups.manifest import FILE, FORMAT, Manifest
from ejtui.cluster.errors import BackupError

FOLDER = "elsewhere"
"""The note's directory, beside the backups; no backup has that name."""

MOST = 100
"""The directories and backups that a note names at most."""

_MAKE = 'umask 077; mkdir -p "$1"'
MAKE = ("sh", "-c", _MAKE, "sh")


@dataclass(frozen=True)
class Note:
    """`directories` are those in which backups lie; `between` the paths of those backups that
    second's database is between, so that nothing may start where they are not found."""

    directories: tuple[str, ...] = ()
    between: tuple[str, ...] = ()

    def to_line(self) -> bytes:
        """One line of JSON."""
        kept = {"directories": self.directories, "between": self.between}
        return (json.dumps({"format": FORMAT, **kept}) + "\n").encode()

    @classmethod
    def from_line(cls, line: bytes) -> Note:
        """The note that `line` holds. Raises BackupError for what is none of ours."""
        try:
            read = json.loads(line)
            if read["format"] != FORMAT:
                raise ValueError("unknown format")
            return cls(_paths(read["directories"]), _paths(read["between"]))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BackupError(
                f"this note of where else backups lie cannot be read: {error}"
            ) from None

    def noting(self, manifest: Manifest) -> Note:
        """The same before that manifest is written: its directory, and whether it is between."""
        directory = str(PurePosixPath(manifest.place).parent)
        between = (manifest.place,) if manifest.is_between else ()
        return replace(
            self,
            directories=_once(self.directories, (directory,)),
            between=_once(self.between, between),
        )

    def settled(self, manifest: Manifest) -> Note:
        """The same after it was written: what second's database is between no longer is left
        out."""
        if manifest.is_between:
            return self
        return replace(self, between=tuple(p for p in self.between if p != manifest.place))

    def not_found(self, seen: Collection[str]) -> list[str]:
        """The backups that second's database is between and that are not among those seen."""
        return [path for path in self.between if path not in seen]


def file(root: str) -> str:
    """The note's file below the usual place of backups."""
    return f"{root}/{FOLDER}/{FILE}"


def lies_below(manifest: Manifest, root: str) -> bool:
    """Whether a backup is in the usual place, so that no note is needed."""
    return str(PurePosixPath(manifest.place).parent) == root


def _once(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*old, *new)))


def _paths(value: Sequence[object]) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST:
        raise TypeError("no list of paths")
    return tuple(_path(each) for each in value)


def _path(value: object) -> str:
    if not isinstance(value, str) or not value.startswith("/") or "\0" in value:
        raise TypeError("no path")
    if ".." in PurePosixPath(value).parts or str(PurePosixPath(value)) != value:
        raise TypeError("no plain path")
    return value
