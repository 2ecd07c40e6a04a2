"""Questions about files on the host, and changes of them: all as the service user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ejtui.erlang.probe.client import ASK_BOUND
from ejtui.erlang.probe.questions.typed import Asked, Progress, number, text, texts, truth, typed


@dataclass(frozen=True)
class Room:
    """What is free on a file system, in bytes, and where it is mounted.

    `files` are those that can be made there, None where it does not count them. One in `memory`
    is empty after a boot.
    """

    free: int
    mount: str
    files: int | None = None
    memory: bool = False


@dataclass(frozen=True)
class Entry:
    """One entry of a directory, no link followed: `mtime` in seconds of the epoch."""

    name: str
    kind: str
    size: int = 0
    owner: str = ""
    uid: int = -1
    mode: int = 0
    mtime: int = 0

    @property
    def is_file(self) -> bool:
        return self.kind == "regular"

    @property
    def is_directory(self) -> bool:
        return self.kind == "directory"


@dataclass(frozen=True)
class Sum:
    """A file's SHA-256 and its size in bytes."""

    path: str
    sha256: str
    size: int


async def room(probe: Asked, path: str) -> Room:
    """What is free where a path lies, or will lie. Raises ProbeError."""
    said = await probe.ask("room", path)
    with typed("the room on a file system"):
        files = said["files"]
        return Room(
            number(said["free"]),
            text(said["mount"]),
            None if files is None else number(files),
            truth(said["memory"]),
        )


async def entries(probe: Asked, directory: str) -> list[Entry]:
    """What lies in a directory. Raises ProbeError."""
    said = await probe.ask("list_dir", directory)
    with typed("the entries of a directory"):
        return [_entry(each) for each in said]


def _entry(said: Mapping[str, Any]) -> Entry:
    known = {key: said[key] for key in ("size", "owner", "uid", "mode", "mtime") if key in said}
    return Entry(text(said["name"]), text(said["type"]), **known)


async def sums(probe: Asked, paths: Sequence[str], timeout: float) -> list[Sum]:
    """The checksums of files, in their order. Raises ProbeError."""
    said = await probe.ask("checksum", list(paths), timeout=timeout)
    with typed("the checksums of files"):
        return [Sum(text(path), text(sha), number(size)) for path, sha, size in said]


async def unsafe(probe: Asked, directories: Sequence[str]) -> list[tuple[str, str]]:
    """Those directories where nothing should be kept, each with why. Raises ProbeError."""
    said = await probe.ask("unsafe", list(directories))
    with typed("a list of paths"):
        return [(text(path), text(why)) for path, why in said]


async def move_files(
    probe: Asked, source: str, to: str, names: Sequence[str], timeout: float = ASK_BOUND
) -> tuple[str, ...]:
    """Moves files of one directory into another, each whole or not at all; those that it moved.

    Raises ProbeError.
    """
    said = await probe.ask("move_files", source, to, list(names), timeout=timeout)
    with typed("the names of files"):
        return texts(said)


async def restore_files(
    probe: Asked,
    source: str,
    to: str,
    files: Sequence[tuple[str, str]],
    timeout: float = ASK_BOUND,
    on_progress: Progress | None = None,
) -> tuple[str, ...]:
    """Copies files (name, SHA-256) of one directory into another, and compares; their names.

    `on_progress` gets (bytes done, all). Raises ProbeError.
    """
    said = await probe.ask(
        "restore_files", source, to, list(files), timeout=timeout, on_progress=on_progress
    )
    with typed("the names of files"):
        return texts(said)


async def secret_key(probe: Asked) -> str:
    """What another probe seals a cookie with for this one. Raises ProbeError."""
    said = await probe.ask("secret_key")
    with typed("a key"):
        return text(said)


async def sealed_cookie(probe: Asked, key: str) -> str:
    """The host's cookie, sealed for the probe that the key is of. Raises ProbeError."""
    said = await probe.ask("sealed_cookie", key)
    with typed("a sealed cookie"):
        return text(said)


async def write_sealed(probe: Asked, file: str, sealed: str) -> None:
    """Writes what was sealed for this probe into a file. Raises ProbeError."""
    await probe.ask("write_sealed", file, sealed)


async def use_directory(probe: Asked, path: str) -> None:
    """Makes that the database directory which the probe looks at. Raises ProbeError."""
    await probe.ask("use_directory", path)


async def cookie_of_option(probe: Asked, path: str, line: int, sha256: str, to: str) -> None:
    """Writes the cookie of that digest, which a line of a file gives by an option, into the file
    `to`, for its owner alone. Raises ProbeError."""
    await probe.ask("cookie_of_option", path, line, sha256, to)


async def copy_secret(probe: Asked, source: str, to: str) -> None:
    """Copies a file with a secret, for its owner alone. Raises ProbeError."""
    await probe.ask("copy_secret", source, to)
