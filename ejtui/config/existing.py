"""A configuration that is there already, as the set-up starts from it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ejtui.config.errors import ConfigError
from ejtui.config.file import load
from ejtui.config.given import Table


@dataclass(frozen=True)
class Existing:
    """The pair's names, and every node's table as it is written; `others` are not of the pair."""

    first: str
    second: str
    tables: Mapping[str, Table]

    @property
    def pair(self) -> tuple[str, str]:
        return self.first, self.second

    @property
    def others(self) -> dict[str, Table]:
        return {name: table for name, table in self.tables.items() if name not in self.pair}


def existing(path: Path) -> Existing | None:
    """What is written at `path`; None where there is no file, or none that can be used."""
    try:
        load(path)
        table = tomllib.loads(path.expanduser().read_text(encoding="utf-8-sig"))
    except (ConfigError, OSError, ValueError):
        return None
    return Existing(table["first"], table["second"], table["nodes"])


def typed(table: Table) -> str:
    """The host as a person would type it: `[user@]host[:port]`."""
    address, port = str(table.get("address", "")), table.get("port")
    if port is not None and ":" in address:
        address = f"[{address}]"
    user = f"{table['user']}@" if "user" in table else ""
    return f"{user}{address}{f':{port}' if port is not None else ''}"
