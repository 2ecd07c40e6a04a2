"""From a host as people write it, `[user@]host[:port]` or `local`, to its node's table."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from ejtui.config.node import LOCAL

Table = dict[str, object]

_HOST = re.compile(r"(?:([^@\s]+)@)?(\[[^\]\s]+\]|[^:@\s]+|[^@\s]*:[^@\s]*:[^@\s]*)(?::(\d+))?")
_FOR_BOTH = ("become", "identity_file", "proxy_jump", "ssh_config", "known_hosts")
_FILES = ("identity_file", "ssh_config", "known_hosts")


def table_of(host: str, common: Mapping[str, str]) -> Table:
    """The table of that host; `common` is what holds for every host, a value of `host` wins.

    Raises ValueError with what would be right.
    """
    if host == LOCAL:
        return {"address": LOCAL, "become": common.get("become") or _become_here()}
    found = _HOST.fullmatch(host)
    if not found:
        raise ValueError(f"{host!r} is not a host name\n  type local, or [user@]host[:port]")
    user, address, port = found.groups()
    table: Table = {"address": address.strip("[]")}
    if user or common.get("user"):
        table["user"] = user or common["user"]
    if port:
        table["port"] = int(port)
    for key in _FOR_BOTH:
        if key in common:
            given = common[key]
            table[key] = str(Path(given).expanduser().absolute()) if key in _FILES else given
    if table.get("user") == "root":
        table["become"] = "none"
    else:
        table.setdefault("become", "sudo")
    return table


def _become_here() -> str:
    return "none" if os.geteuid() == 0 else "sudo"
