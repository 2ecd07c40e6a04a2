"""The operator's choices for a pair, kept: the type of second's copy of a table, and settings of
second's own that stay."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ejtui import own_files
from ejtui.cluster.facts.node import REMOTE, STORAGES, TableFacts


class Choices(Mapping[str, str]):
    """Table name -> storage type. A table without a choice is copied as first holds it.

    They are of one database of first's (`database`, Mnesia's cookie of its schema; "" where nobody
    knows it yet), and no more where first has another.

    `decided` are the digests of differences between the two ejabberd.yml of which second keeps its
    own value.
    """

    def __init__(
        self,
        types: Mapping[str, str] | None = None,
        path: Path | None = None,
        database: str = "",
        decided: Iterable[str] = (),
    ) -> None:
        self._types = dict(types or {})
        self._path = path
        self.decided = frozenset(decided)
        self._database = database

    @classmethod
    def load(cls, path: Path) -> Choices:
        """Reads the choices of a pair; a missing or damaged file is no choice at all."""
        try:
            read = json.loads(path.read_text())
        except (OSError, ValueError):
            read = {}
        types, database = _types_of(read)
        known = {
            str(name): str(kind)
            for name, kind in types.items()
            if isinstance(kind, str) and kind in (*STORAGES, REMOTE)
        }
        return cls(known, path, database, _decided_of(read))

    def are_for(self, database: str) -> None:
        """First has that database, "" where it is not known: choices for another are forgotten."""
        if not database:
            return
        if self._database and self._database != database:
            self._types.clear()
            self.decided = frozenset()
        self._database = database

    def __getitem__(self, table: str) -> str:
        return self._types[table]

    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)

    def wanted(self, table: TableFacts) -> str:
        """The type that second's copy of first's `table` will have."""
        return self._types.get(table.name, table.storage)

    def choose(self, table: str, storage: str | None) -> None:
        """Sets the choice, or forgets it with None; kept on disc where that can be written.

        Raises ValueError for a word that is no storage type.
        """
        if storage is None:
            self._types.pop(table, None)
        elif storage in (*STORAGES, REMOTE):
            self._types[table] = storage
        else:
            raise ValueError(f"{storage!r} is no storage type")
        self._save()

    def decide(self, digests: Iterable[str]) -> None:
        """Second keeps its own values there; kept on disk where that can be written."""
        self.decided |= frozenset(digests)
        self._save()

    def _save(self) -> None:
        if self._path is None:
            return
        try:
            self._write(self._path)
        except OSError as error:
            own_files.failed("what was chosen for second", self._path, error)

    def _write(self, path: Path) -> None:
        beside = path.with_name(path.name + ".new")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            kept = {
                "database": self._database,
                "types": self._types,
                "decided": sorted(self.decided),
            }
            json.dump(kept, out, indent=1, sort_keys=True)
        beside.replace(path)


def _types_of(read: object) -> tuple[Mapping[object, object], str]:
    """The types by table and their database; a file without a database has the types alone."""
    if not isinstance(read, dict):
        return {}, ""
    types, database = read.get("types"), read.get("database")
    if isinstance(types, dict) and isinstance(database, str):
        return types, database
    return read, ""


def _decided_of(read: object) -> list[str]:
    """Digests of differences; a file of before has none."""
    decided = read.get("decided") if isinstance(read, dict) else None
    return [each for each in decided if isinstance(each, str)] if isinstance(decided, list) else []
