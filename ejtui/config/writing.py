"""Writing the configuration: whole or not at all, and never over what somebody wrote by hand."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ejtui.config.errors import ConfigError
from ejtui.config.file import Config, load


@dataclass(frozen=True)
class Written:
    """What became of it: `backup` is the file of before under its new name, None for none."""

    path: Path
    changed: bool
    backup: Path | None = None


def text_of(
    first: str,
    second: str,
    nodes: Mapping[str, Mapping[str, object]],
    notes: Mapping[str, Sequence[str]],
) -> str:
    """The file's text: each node's table, and below it what is worth knowing as comments.

    A note is one line; a line break in it becomes a space.
    """
    import tomli_w  # only needed to write

    lines = [
        f"{tomli_w.dumps({'first': first}).strip()}  # the node that has the accounts",
        f"{tomli_w.dumps({'second': second}).strip()}  # the node that joins it",
    ]
    for name, table in nodes.items():
        lines += ["", *tomli_w.dumps({"nodes": {name: dict(table)}}).strip().splitlines()]
        lines += [f"# {' '.join(note.split())}" for note in notes.get(name, ())]
    return "\n".join(lines) + "\n"


def write(path: Path, text: str) -> Written:
    """Put `text` at `path` (0600), at once; a file that is there is kept whole beside it.

    Where the file already has the same values for its pair, nothing is written. Raises ConfigError
    for a text that is no configuration, and OSError.
    """
    path = path.expanduser().resolve()  # a link stays one
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        _write_new(temporary, text)
        new = load(temporary)
        if _same(path, new):
            return Written(path, changed=False)
        backup = _keep(path)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync(path.parent)
    return Written(path, changed=True, backup=backup)


def _write_new(path: Path, text: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _same(path: Path, new: Config) -> bool:
    try:
        old = load(path)
    except ConfigError:
        return False
    pair = (new.first, new.second)
    return (old.first, old.second) == pair and all(old.nodes[n] == new.nodes[n] for n in pair)


def _keep(path: Path) -> Path | None:
    """Give the file that is there a second name; its first one stays until it is replaced."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    number = 0
    while True:
        more = f"-{number}" if number else ""
        backup = path.with_name(f"{path.name}.before-{stamp}{more}")
        try:
            os.link(path, backup)
        except FileNotFoundError:
            return None
        except FileExistsError:
            number += 1
        else:
            return backup


def _sync(directory: Path) -> None:
    number = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
