"""The operator's choice of a storage type for second's copy of a table, kept for each pair."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from ejtui import own_files
from ejtui.cluster.facts.node import REMOTE, STORAGES, TableFacts


class Choices(Mapping[str, str]):
    """Table name -> storage type. A table without a choice is copied as first holds it.

    They are of one database of first's (`database`, Mnesia's cookie of its schema; "" where nobody
    knows it yet), and no more where first has another.

    `decided` are the digests of differences between the two ejabberd.yml that the operator goes on
    with; another ejtui asks again.
    """

    def __init__(
        self,
        types: Mapping[str, str] | None = None,
        path: Path | None = None,
        database: str = "",
    ) -> None:
        self._types = dict(types or {})
        self._path = path
        self.decided: set[str] = set()
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
        return cls(known, path, database)

    def are_for(self, database: str) -> None:
        """First has that database, "" where it is not known: choices for another are forgotten."""
        if not database:
            return
        if self._database and self._database != database:
            self._types.clear()
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

    def _save(self) -> None:
        if self._path is None:
            return
        try:
            self._write(self._path)
        except OSError as error:
            own_files.failed("the choice of storage types", self._path, error)

    def _write(self, path: Path) -> None:
        beside = path.with_name(path.name + ".new")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            kept = {"database": self._database, "types": self._types}
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
