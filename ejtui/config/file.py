"""The whole file: read, parsed, checked, and the pair chosen."""

from __future__ import annotations

import errno
import os
import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

from ejtui import paths
from ejtui.cleaning import clean
from ejtui.config.checks import kind, nearest, plain_text, quoted, refuse_unknown
from ejtui.config.errors import ConfigError, ConfigMissing, Mistakes
from ejtui.config.node import HostConfig, read_node

MOST_BYTES = 1 << 20
"""No configuration has more bytes."""

_TOP_KEYS = ("first", "second", "nodes")


@dataclass(frozen=True)
class Config:
    """The nodes by name, and the names of the pair; `path` is None for one not from a file.

    Both names are in `nodes`, and differ. They are those of the file, but that no node of the pair
    is called as the other's part.
    """

    first: str
    second: str
    nodes: Mapping[str, HostConfig]
    path: Path | None = None

    @property
    def pair(self) -> str:
        """What the pair's journal and choices are kept under: its names and a digest of both hosts.

        Two clusters may have the same names in two files, and one file may give them to other
        hosts, or to the same ones the other way round.
        """
        names = f"{self.first}+{self.second}"
        hosts = [self.nodes[name].identity for name in (self.first, self.second)
                 if name in self.nodes]  # fmt: skip
        return f"{names}{paths.APART}{_digest(repr(hosts))}"


def _digest(text: str) -> str:
    from hashlib import sha256  # takes a while, and start-up has no journal

    return sha256(text.encode()).hexdigest()[:8]


def load(path: Path | str, *, first: str | None = None, second: str | None = None) -> Config:
    """Read the configuration at `path`; `first` and `second` name another pair of its nodes.

    Raises ConfigMissing when there is no such file, and ConfigError for everything else: one that
    names all that is wrong, where the file can be read as TOML.
    """
    path = Path(path).expanduser()
    table = _parse(path, _read(path))
    mistakes = Mistakes()
    mistakes.read(partial(refuse_unknown, path, "", table, _TOP_KEYS))
    given = mistakes.read(partial(_node_tables, path, table))
    nodes = _nodes(path, given or {}, mistakes)
    chosen = tuple(
        mistakes.read(partial(_chosen, path, key, option, table, tuple(given or ())))
        for key, option in (("first", first), ("second", second))
        if given
    )
    mistakes.report()
    return _config(path, chosen, nodes)


def _config(path: Path, chosen: tuple[str | None, ...], nodes: dict[str, HostConfig]) -> Config:
    """The pair of these names. Raises ConfigError where both are the same."""
    one, two = (name or "" for name in chosen)
    if one == two:
        raise ConfigError(
            path,
            "second",
            f'first and second are both "{one}"',
            f"they should be two of the nodes listed: {', '.join(nodes)}",
        )
    return _named_by_role(Config(one, two, nodes=MappingProxyType(nodes), path=path))


def _named_by_role(config: Config) -> Config:
    """A node whose name is the word for the other part is called by its part.

    All texts name the parts, first and second: none of the two may be called as the other.
    """
    one = "first" if config.first == "second" else config.first
    two = "second" if config.second == "first" else config.second
    if (one, two) == (config.first, config.second):
        return config
    pair = {
        one: replace(config.nodes[config.first], name=one, key=config.first),
        two: replace(config.nodes[config.second], name=two, key=config.second),
    }
    return replace(config, first=one, second=two, nodes=MappingProxyType({**config.nodes, **pair}))


def _read(path: Path) -> str:
    try:
        return _bytes(path).decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigMissing(path) from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            path, "", f"byte {error.start} is not UTF-8", "save the file as UTF-8 text"
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(
            path, "", f"cannot be read: {reason}", "it should be a file that you may read"
        ) from None


def _bytes(path: Path) -> bytes:
    """All of a regular file. Raises OSError, also for what may have no end, and ValueError."""
    # A pipe that nobody writes to is opened at once as well.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        kind_of = os.fstat(file.fileno()).st_mode
        if stat.S_ISDIR(kind_of):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(kind_of):
            raise ValueError("it is no regular file")
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES // 1024} kB")
    return data


def _parse(path: Path, text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, number = _torn_at(str(error), text)
        lines = text.splitlines() or [""]
        shown = lines[min(number, len(lines)) - 1].strip()
        raise ConfigError(
            path,
            "",
            f"line {number} is not TOML: {what}",
            f'line {number} reads {quoted(shown)}; a value is written like user = "op"',
        ) from None
    except RecursionError:
        raise ConfigError(path, "", "is nested too deeply", "tables like [nodes.first]") from None


def _torn_at(message: str, text: str) -> tuple[str, int]:
    """The parser's complaint without its position, and the line (from 1) that it is about."""
    found = re.search(r" \(at line (\d+), column \d+\)$", message)
    if found:
        return message[: found.start()], int(found[1])
    return message.removesuffix(" (at end of document)"), max(1, len(text.splitlines()))


def _chosen(
    path: Path, key: str, option: str | None, table: dict[str, object], nodes: tuple[str, ...]
) -> str:
    """The node that plays the part `key`: the command line's, else the file's."""
    # One that is no name is refused beside this, and is not shown as it is.
    nodes = tuple(clean(each) for each in nodes)
    value = table.get(key) if option is None else option
    where: Path | str = path if option is None else "command line"
    shown = key if option is None else f"--{key}"
    if value is None:
        raise ConfigError(path, key, "is missing", f"add {key} = NAME, one of: {', '.join(nodes)}")
    name = plain_text(where, shown, value, f'{key} = "{nodes[0]}"')
    if name not in nodes:
        near = nearest(name, nodes)
        raise ConfigError(
            where,
            shown,
            f"there is no node {quoted(name)}{near}",
            f"it should be one of the nodes in {path}: {', '.join(nodes)}",
        )
    return name


def _node_tables(path: Path, table: dict[str, object]) -> dict[str, object]:
    given = table.get("nodes")
    right = 'two tables or more, such as\n\n    [nodes.first]\n    address = "first.example.net"'
    if given is None:
        raise ConfigError(path, "nodes", "is missing", right)
    if not isinstance(given, dict):
        raise ConfigError(path, "nodes", f"is {kind(given)}", f"it should be {right}")
    if len(given) < 2:
        count = "no node is" if not given else "one node alone is"
        raise ConfigError(path, "nodes", f"{count} listed", f"it should be {right}")
    return given


def _nodes(path: Path, given: dict[str, object], mistakes: Mistakes) -> dict[str, HostConfig]:
    read = {
        name: mistakes.read(partial(read_node, path, name, value)) for name, value in given.items()
    }
    return {name: node for name, node in read.items() if node is not None}
