"""Questions about backups on the host, and what is written of them into a running node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ejtui.erlang.probe import pieces
from ejtui.erlang.probe.questions.typed import (
    Asked,
    Progress,
    mapping,
    number,
    numbers,
    text,
    truth,
    typed,
)


@dataclass(frozen=True)
class Listed:
    """A directory with a manifest, and the files of the database in it, by size."""

    name: str
    manifest: bytes
    files: Mapping[str, int]


@dataclass(frozen=True)
class Problem:
    """What is left out, and why; `partial` where it may hold a part of a database."""

    path: str
    why: str
    partial: bool


@dataclass(frozen=True)
class Written:
    """An online backup that was written: its size in bytes, and its SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Read:
    """A Mnesia backup that was read to its end: how many records each table is restored with."""

    tables: Mapping[str, int]
    records: int


@dataclass(frozen=True)
class KeptTable:
    """A table of a backup: its records that are `kept` there and `missing` in the node, how many
    are `present` in the node, and its `definition` there: "same", "other", "columns" or "gone".

    `added` were written of those that were missing.
    """

    kept: int
    missing: int
    present: int
    definition: str
    added: int = 0


async def list_backups(
    probe: Asked, chain: Sequence[str], most: int
) -> tuple[list[Listed], list[Problem]]:
    """The backups below a root, the last of the chain of directories down to it; and what of it
    is left out. `most` is how many bytes one manifest may have. Raises ProbeError."""
    said = await probe.ask("backups", list(chain), most)
    with typed("a list of backups"):
        listed = [
            Listed(
                text(name),
                _bytes(await _whole(probe, manifest)),
                {text(file): number(size) for file, size in files},
            )
            for name, manifest, files in said["backups"]
        ]
        problems = [
            Problem(text(path), text(why), truth(partial))
            for path, why, partial in said["problems"]
        ]
        return listed, problems


async def _whole(probe: Asked, manifest: object) -> object:
    """A manifest's text; a long one comes in pieces. Raises ProbeError."""
    read = await pieces.whole(manifest, lambda *of: probe.ask("piece", *of))
    return bytes(read.data) if isinstance(read, pieces.Pieces) else read


def _bytes(said: object) -> bytes:
    return said if isinstance(said, bytes) else text(said).encode("utf-8", "surrogateescape")


async def backup_node(
    probe: Asked, path: str, timeout: float, on_progress: Progress | None = None
) -> Written:
    """Writes the running node's database to a file; `on_progress` gets (phase, done).

    Raises ProbeError.
    """
    said = await probe.ask("backup_node", path, timeout=timeout, on_progress=on_progress)
    with typed("the size of a backup"):
        return Written(number(said["size"]), text(said["sha256"]))


async def read_backup(
    probe: Asked, path: str, timeout: float, on_progress: Progress | None = None
) -> Read:
    """Reads a Mnesia backup to its end. Raises ProbeError."""
    said = await probe.ask("check_backup", path, timeout=timeout, on_progress=on_progress)
    with typed("the content of a backup"):
        return Read(numbers(said["tables"]), number(said["records"]))


async def kept_tables(
    probe: Asked, path: str, names: Sequence[str], timeout: float
) -> dict[str, KeptTable]:
    """How these tables of a backup stand against the running node's. Raises ProbeError."""
    said = await probe.ask("kept_tables", path, list(names), timeout=timeout)
    with typed("the tables of a backup"):
        return _tables(said)


async def bring_tables_back(
    probe: Asked, path: str, names: Sequence[str], timeout: float
) -> dict[str, KeptTable]:
    """Writes records of a backup that these tables of the running node lack. Raises ProbeError."""
    said = await probe.ask("bring_tables_back", path, list(names), timeout=timeout)
    with typed("the tables of a backup"):
        return _tables(said)


def _tables(said: object) -> dict[str, KeptTable]:
    return {
        text(name): KeptTable(
            number(row["kept"]),
            number(row["missing"]),
            number(row["present"]),
            text(row["definition"]),
            number(row.get("added", 0)),
        )
        for name, row in mapping(said).items()
    }
