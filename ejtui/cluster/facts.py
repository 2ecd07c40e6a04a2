"""What is known of the two nodes: immutable snapshots, and the words people use for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Vm = Literal["down", "up", "rejected", "unknown"]

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
    says it in words. `mode` is None when there is no file that could be looked at.
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
    """One Mnesia table as one node sees it. `size` in records, `memory` in bytes."""

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
    """The database directory: Mnesia's files, and how many files belong to someone else."""

    exists: bool = False
    error: str = ""
    files: tuple[SpoolFile, ...] = ()
    wrong_owner: tuple[str, ...] = ()
    wrong_owner_count: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(file.name for file in self.files)

    @property
    def bytes(self) -> int:
        return sum(file.size for file in self.files)


PEER_LAYERS = ("resolve", "epmd", "port", "tcp", "handshake")
"""The layers between two nodes, in the order in which they are tried."""


@dataclass(frozen=True)
class PeerFacts:
    """How far this host reaches another node.

    `broken` is the first layer that is broken, "" when none; `code` is the catalogue's word for
    it. `address` and `port` are "" and None when the two were connected already.
    """

    node: str
    address: str = ""
    port: int | None = None
    broken: str = ""
    code: str = ""
    why: str = ""

    def passed(self, layer: str) -> bool:
        """Whether `layer` and all below it work."""
        if not self.broken:
            return True
        return PEER_LAYERS.index(layer) < PEER_LAYERS.index(self.broken)


@dataclass(frozen=True)
class NodeFacts:
    """One node at one moment.

    `name` is the configuration's name, `node` the Erlang node's. `vm` says whether a virtual
    machine of that name runs: `rejected` is one that refuses the cookie of its own host,
    `unknown` one that could not be asked; `vm_code` is the catalogue's word for why. `os_pid` is
    set for a machine that cannot be asked, too. `started` is what it was started as: "ejabberd",
    "mnesia" (the erl of a join) or "other"; `interface` the one address it listens on, "" for
    all; `dist_port` the port that ejabberdctl.cfg fixes in epmd's place. `error` says why a host
    or its probe did not answer.
    """

    name: str
    node: str = ""
    reachable: bool = True
    error: str = ""
    vm: Vm = "unknown"
    vm_why: str = ""
    vm_code: str = ""
    vm_cookie: str = ""
    started: str = ""
    starting: bool = False
    interface: str = ""
    dist_port: str = ""
    extra_db_nodes: tuple[str, ...] = ()
    ejabberd: bool = False
    ejabberd_version: str = ""
    otp_release: str = ""
    mnesia: str = "no"
    db_nodes: tuple[str, ...] = ()
    running_db_nodes: tuple[str, ...] = ()
    directory: str = ""
    schema: SchemaFacts = field(default_factory=SchemaFacts)
    disk_schema: SchemaFacts | None = None
    tables: tuple[TableFacts, ...] = ()
    accounts: int | None = None
    cookie: CookieFacts = field(default_factory=CookieFacts)
    spool: SpoolFacts = field(default_factory=SpoolFacts)
    peers: Mapping[str, PeerFacts] = field(default_factory=dict)
    epmd: tuple[str, ...] | None = None
    epmd_error: str = ""
    os_pid: str = ""
    hostname: str = ""

    @classmethod
    def unreachable(cls, name: str, error: str, node: str = "") -> NodeFacts:
        """The facts of a host that does not answer: only why."""
        return cls(name=name, node=node, reachable=False, error=error)

    @classmethod
    def blind(cls, name: str, error: str, node: str = "") -> NodeFacts:
        """The facts of a host that answers but whose probe cannot run there."""
        return cls(name=name, node=node, error=error)

    @property
    def asked(self) -> bool:
        """Whether the host was reached and its probe answered."""
        return self.reachable and not self.error

    @property
    def mnesia_runs(self) -> bool:
        return self.vm == "up" and self.mnesia == "yes"

    @property
    def bare_shell(self) -> bool:
        """A virtual machine of the node's name runs and ejabberd does not run in it."""
        return self.vm == "up" and not self.ejabberd

    @property
    def schema_cookie(self) -> str:
        """The schema's cookie, running or from disc; "" when the node has no schema."""
        if self.mnesia_runs:
            return self.schema.cookie
        return self.disk_schema.cookie if self.disk_schema else ""

    @property
    def has_disc_schema(self) -> bool:
        return "schema.DAT" in self.spool.names

    def table(self, name: str) -> TableFacts | None:
        return next((table for table in self.tables if table.name == name), None)

    def runs_with(self, other: str) -> bool:
        """Whether this node's Mnesia runs and lists `other` as running."""
        return self.mnesia_runs and other in self.running_db_nodes

    def to_json(self) -> dict[str, object]:
        """What `--json` prints of a node."""
        return {
            "name": self.node or self.name,
            "reachable": self.reachable,
            "error": self.error,
            "running": self.ejabberd,
            "vm": self.vm,
            "ejabberd_version": self.ejabberd_version,
            "otp_release": self.otp_release,
            "cookie_sha256": self.cookie.digits,
            "mnesia": self.mnesia,
            "db_nodes": list(self.db_nodes),
            "running_db_nodes": list(self.running_db_nodes),
            "schema_storage": self.schema.storage,
            "schema_cookie": self.schema_cookie,
            "directory": self.directory,
            "tables": {table.name: table.storage for table in self.tables},
            "accounts": self.accounts,
            "os_pid": self.os_pid,
        }


@dataclass(frozen=True)
class PairFacts:
    """Both nodes at one moment."""

    first: NodeFacts
    second: NodeFacts

    def of(self, role: str) -> NodeFacts:
        """The facts of "first" or "second"."""
        return self.first if role == "first" else self.second

    @property
    def both_run(self) -> bool:
        """Whether each node's Mnesia runs and lists both: asked on both, not believed."""
        first, second = self.first, self.second
        names = {first.node, second.node}
        return (
            first.mnesia_runs
            and second.mnesia_runs
            and names <= set(first.running_db_nodes)
            and names <= set(second.running_db_nodes)
        )

    @property
    def first_keeps_second(self) -> bool:
        """Whether first's running schema says that second has a schema on disc."""
        return self.first.mnesia_runs and self.second.node in self.first.schema.disc_copies

    @property
    def same_schema(self) -> bool:
        """Whether second's schema, running or on disc, is first's."""
        cookie = self.second.schema_cookie
        return bool(cookie) and self.first.mnesia_runs and cookie == self.first.schema.cookie

    @property
    def member(self) -> bool:
        """Whether second is a lasting member: runs with first now, or comes back as one."""
        return self.both_run or (self.first_keeps_second and self.same_schema)

    def to_json(self) -> dict[str, object]:
        return {"first": self.first.to_json(), "second": self.second.to_json()}
