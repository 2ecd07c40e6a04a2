"""The parts of a node's facts: cookie, tables, schema, files, ways; and people's words for them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

RAM, DISC, DISC_ONLY, REMOTE = "ram_copies", "disc_copies", "disc_only_copies", "unknown"
STORAGES = (RAM, DISC, DISC_ONLY)
STORAGE_WORDS: Mapping[str, str] = {
    RAM: "RAM copy",
    DISC: "RAM and disc copy",
    DISC_ONLY: "disc only copy",
    REMOTE: "remote copy",
}
"""Mnesia's storage types in the words of ejabberd's web admin."""

COOKIE_DIGITS = 6
"""So many hexadecimal digits of its SHA-256 stand for a cookie."""


@dataclass(frozen=True)
class CookieFacts:
    """The file `.erlang.cookie`, never its content.

    `sha256` is the content's digest without CR and LF, "" when the file could not be read.
    `code` is the catalogue's word for what is wrong with the file, "" when nothing is; `why`
    is the same in words. `mode` is None when there is no file that could be looked at.
    `bare_sha256` is the digest without blanks at both ends, which count for Erlang.
    """

    sha256: str = ""
    code: str = ""
    why: str = ""
    mode: int | None = None
    owner: str = ""
    owner_is_service: bool = True
    bare_sha256: str = ""

    @property
    def digits(self) -> str:
        """What may be shown of it."""
        return self.sha256[:COOKIE_DIGITS]

    @property
    def usable(self) -> bool:
        """Whether an Erlang node of the service user can read and accept it."""
        return bool(self.sha256) and not self.code and self.owner_is_service


@dataclass(frozen=True)
class TableFacts:
    """One Mnesia table as one node sees it. `size` in records, `memory` in bytes.

    `table_type` is set, ordered_set or bag; "" where Mnesia does not run.
    """

    name: str
    storage: str = REMOTE
    ram_copies: tuple[str, ...] = ()
    disc_copies: tuple[str, ...] = ()
    disc_only_copies: tuple[str, ...] = ()
    local_content: bool = False
    size: int = 0
    memory: int = 0
    where_to_read: str = ""
    cookie: str = ""
    table_type: str = ""

    def copies(self, storage: str) -> tuple[str, ...]:
        """The nodes that hold a copy of this type."""
        return {
            RAM: self.ram_copies,
            DISC: self.disc_copies,
            DISC_ONLY: self.disc_only_copies,
        }.get(storage, ())

    def storage_on(self, node: str) -> str:
        """The type of `node`'s copy, `unknown` when it has none."""
        return next((kind for kind in STORAGES if node in self.copies(kind)), REMOTE)

    @property
    def holders(self) -> tuple[str, ...]:
        """Every node with a copy."""
        return self.ram_copies + self.disc_copies + self.disc_only_copies

    @property
    def readable(self) -> bool:
        return self.where_to_read not in ("", "nowhere")


@dataclass(frozen=True)
class SchemaFacts:
    """The schema as a running Mnesia has it, or as it lies on disc: then with its tables."""

    storage: str = REMOTE
    cookie: str = ""
    ram_copies: tuple[str, ...] = ()
    disc_copies: tuple[str, ...] = ()
    tables: tuple[TableFacts, ...] = ()

    @property
    def nodes(self) -> tuple[str, ...]:
        return self.ram_copies + self.disc_copies


@dataclass(frozen=True)
class SpoolFile:
    """A file of Mnesia's in the database directory; `size` in bytes."""

    name: str
    size: int
    owner_is_service: bool = True


@dataclass(frozen=True)
class SpoolFacts:
    """The database directory: Mnesia's files, and how many files belong to someone else.

    `unsafe` are those that nobody should give to the service user, each with why.
    """

    exists: bool = False
    error: str = ""
    files: tuple[SpoolFile, ...] = ()
    wrong_owner: tuple[str, ...] = ()
    wrong_owner_count: int = 0
    unsafe: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(file.name for file in self.files)

    @property
    def bytes(self) -> int:
        return sum(file.size for file in self.files)


@dataclass(frozen=True)
class KeptErl:
    """The erl of a join that outlives its line: it can be attached to below the directory `place`.

    `since` is when it was started, in seconds since 1970.
    """

    place: str
    since: int

    @property
    def clock(self) -> str:
        """The time of its start on this computer's clock."""
        return time.strftime("%H:%M", time.localtime(self.since))


PEER_LAYERS = ("resolve", "epmd", "port", "tcp", "handshake")
"""The layers between two nodes, in the order in which they are tried."""


@dataclass(frozen=True)
class PeerFacts:
    """How far this host reaches another node.

    `broken` is the first layer that is broken, "" when none; `code` is the catalogue's word for
    it. `posix` is the operating system's word for why a connection failed ("einval"), "" where
    none did. `address` and `port` are "" and None when the two were connected already. `untried`
    is for a handshake that was left out: by the digests of the cookies it must fail. `os_pid` is
    the process and `schema` the schema's cookie of the VM that answers, "" where none does.
    """

    node: str
    address: str = ""
    port: int | None = None
    broken: str = ""
    code: str = ""
    why: str = ""
    posix: str = ""
    untried: bool = False
    os_pid: str = ""
    schema: str = ""

    def passed(self, layer: str) -> bool:
        """Whether `layer` and all below it are known to work."""
        if not self.broken:
            return True
        if self.broken not in PEER_LAYERS:
            return False
        return PEER_LAYERS.index(layer) < PEER_LAYERS.index(self.broken)
