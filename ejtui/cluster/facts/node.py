"""What is known of the two nodes: immutable snapshots."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ejtui.cluster.facts.details import (
    COOKIE_DIGITS,
    DISC,
    DISC_ONLY,
    PEER_LAYERS,
    RAM,
    REMOTE,
    STORAGE_WORDS,
    STORAGES,
    CookieFacts,
    KeptErl,
    PeerFacts,
    SchemaFacts,
    SpoolFacts,
    SpoolFile,
    TableFacts,
)
from ejtui.cluster.facts.settings import Administration
from ejtui.platforms.platform import CookieOption

__all__ = [
    "COOKIE_DIGITS",
    "DISC",
    "DISC_ONLY",
    "PEER_LAYERS",
    "RAM",
    "REMOTE",
    "STORAGES",
    "STORAGE_WORDS",
    "CookieFacts",
    "KeptErl",
    "NodeFacts",
    "PairFacts",
    "PeerFacts",
    "SchemaFacts",
    "SpoolFacts",
    "SpoolFile",
    "TableFacts",
    "Vm",
]

Vm = Literal["down", "up", "rejected", "unknown"]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def in_words(names: Iterable[str]) -> str:
    """The names as people read them, "none" where there is none."""
    return ", ".join(names) or "none"


@dataclass(frozen=True)
class NodeFacts:
    """One node at one moment.

    `name` is the configuration's name, `node` the Erlang node's. `vm`: whether an Erlang
    VM of that name runs: `rejected` is one that refuses the cookie of its own host,
    `unknown` one that could not be asked; `vm_code` is the catalogue's word for why. `os_pid` is
    set for a VM that cannot be asked, too. `started` is what it was started as: "ejabberd",
    "mnesia" (the erl of a join) or "other"; `starting` is whether ejabberd is on its way up in
    it; `interface` the one address it listens on, "" for all; `dist_port` the port that
    ejabberdctl.cfg fixes in epmd's place. `kept_erl` is set where the VM is the erl of a join that
    outlives its connection. `error` is why a host or its probe did not answer, and `error_code` is
    the finding for a host that was reached. `failed` are the parts that the probe failed to look
    at, each with why: what stands in their place is no state of the node. `addresses` are the
    host's own, without those of its loopback interface. `cookie_options` are the lines of its files
    that give ejabberd's VM a cookie.
    """

    name: str
    node: str = ""
    reachable: bool = True
    error: str = ""
    error_code: str = ""
    failed: tuple[str, ...] = ()
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
    disk_schema_error: str = ""
    tables: tuple[TableFacts, ...] = ()
    accounts: int | None = None
    cookie: CookieFacts = field(default_factory=CookieFacts)
    spool: SpoolFacts = field(default_factory=SpoolFacts)
    peers: Mapping[str, PeerFacts] = field(default_factory=dict)
    epmd: tuple[str, ...] | None = None
    epmd_error: str = ""
    os_pid: str = ""
    kept_erl: KeptErl | None = None
    hostname: str = ""
    addresses: tuple[str, ...] = ()
    cookie_options: tuple[CookieOption, ...] = ()

    @classmethod
    def unreachable(cls, name: str, error: str, node: str = "") -> NodeFacts:
        """The facts of a host that does not answer: only why."""
        return cls(name=name, node=node, reachable=False, error=error)

    @classmethod
    def blind(cls, name: str, error: str, node: str = "", code: str = "not-installed") -> NodeFacts:
        """The facts of a host that answers while its probe does not; `code` is the finding."""
        return cls(name=name, node=node, error=error, error_code=code)

    @property
    def asked(self) -> bool:
        """Whether the host was reached and its probe answered."""
        return self.reachable and not self.error

    @property
    def silence(self) -> str:
        """Why it cannot be asked, for a line that names the host already; "" where it can."""
        named = self.error.startswith(f"{self.name} (")
        return self.error.partition("): ")[2] if named else self.error

    @property
    def mnesia_runs(self) -> bool:
        return self.vm == "up" and self.mnesia == "yes"

    @property
    def mnesia_words(self) -> str:
        """Whether Mnesia runs there, for people: its own words are "yes", "no", "starting"."""
        how = {"yes": "runs", "no": "does not run", "starting": "starts", "stopping": "stops"}
        return f"Mnesia {how.get(self.mnesia, self.mnesia or 'is not known')}"

    @property
    def unknown(self) -> str:
        """Why nobody knows what Mnesia would answer there, in a few words; "" where it is asked."""
        if not self.asked:
            return "not known"
        if self.vm == "down" and not self.os_pid:
            return "not known: stopped"
        return "" if self.vm == "up" else "not known: no answer"

    @property
    def silent_vm(self) -> bool:
        """Whether a VM of the node runs that does not answer: it is not stopped."""
        return self.vm in ("down", "unknown") and bool(self.os_pid)

    def has_address(self, address: str) -> bool:
        """Whether the address leads to its host itself."""
        return address.startswith("127.") or address == "::1" or address in self.addresses

    def is_another_vm(self, os_pid: str, schema: str) -> bool:
        """Whether a VM with this process and schema, which has the node's name, is not the node's.

        Both differ: a node that was restarted in between has its schema still.
        """
        known = self.mnesia_runs and "" not in (os_pid, schema, self.os_pid, self.schema.cookie)
        return known and os_pid != self.os_pid and schema != self.schema.cookie

    @property
    def lost_address(self) -> bool:
        """Whether the node is named after an address that its host does not have: nobody reaches
        it by its name.
        """
        host = self.node.partition("@")[2].strip("[]")
        known = self.asked and bool(self.addresses) and self.vm != "up"
        return known and _is_address(host) and not self.has_address(host)

    @property
    def waiting(self) -> tuple[str, ...]:
        """The tables that it has a copy of and cannot read yet."""
        return tuple(
            table.name for table in self.tables if table.storage != REMOTE and not table.readable
        )

    @property
    def awaited(self) -> tuple[str, ...]:
        """The nodes that are away and hold the tables that it waits for."""
        waiting = frozenset(self.waiting)
        holders = {node for table in self.tables if table.name in waiting for node in table.holders}
        return tuple(sorted(holders - {self.node, *self.running_db_nodes}))

    @property
    def bare_shell(self) -> bool:
        """A VM of the node's name runs, and ejabberd neither runs nor is starting in it."""
        return self.vm == "up" and not self.ejabberd and not self.starting

    @property
    def mnesia_has_ended(self) -> bool:
        """Whether a VM of the node's name runs without Mnesia, or with one that is stopping."""
        return self.vm == "up" and self.mnesia in ("stopping", "no")

    @property
    def schema_cookie(self) -> str:
        """The schema's cookie, running or from disc; "" when the node has no schema."""
        if self.mnesia_runs or (self.vm == "up" and self.mnesia == "starting"):
            return self.schema.cookie
        return self.disk_schema.cookie if self.disk_schema else ""

    @property
    def known_schema(self) -> SchemaFacts | None:
        """The schema, running or on disc; None when the node has none."""
        return self.schema if self.schema.cookie else self.disk_schema

    @property
    def has_disc_schema(self) -> bool:
        return "schema.DAT" in self.spool.names

    def table(self, name: str) -> TableFacts | None:
        return next((table for table in self.tables if table.name == name), None)

    def to_json(self) -> dict[str, object]:
        """What `--json` prints of a node."""
        return {
            "name": self.node or self.name,
            "reachable": self.reachable,
            "error": self.error,
            "running": self.ejabberd,
            "starting": self.starting,
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
            "kept_erl_since": self.kept_erl.clock if self.kept_erl else None,
        }


@dataclass(frozen=True)
class PairFacts:
    """Both nodes at one moment."""

    first: NodeFacts
    second: NodeFacts
    administration: Administration | None = None
    """What differs between the two ejabberd.yml; None where they were not compared."""

    def of(self, role: str) -> NodeFacts:
        """The facts of "first" or "second"."""
        return self.first if role == "first" else self.second

    @property
    def one_host(self) -> bool:
        """Whether both nodes are on the same host: its name alone may be another site's too."""
        first, second = self.first, self.second
        if not first.hostname or first.hostname != second.hostname:
            return False
        here, there = set(first.addresses), set(second.addresses)
        # Containers' addresses come and go between two looks. Those of two hosts may be equal, but
        # each host also has its own.
        return here == there or (bool(here and there) and (here < there or there < here))

    @property
    def starts(self) -> bool:
        """Whether ejabberd is on its way up on either."""
        return self.first.starting or self.second.starting

    @property
    def one_node(self) -> bool:
        """Whether both are the same node of one host, by whatever addresses."""
        return self.one_host and bool(self.first.node) and self.first.node == self.second.node

    @property
    def namesakes(self) -> bool:
        """Whether two nodes have one name, as packages install them: no cluster can have both."""
        name = self.first.node
        return bool(name) and name == self.second.node and not self.one_node

    @property
    def both_run(self) -> bool:
        """Whether each node's Mnesia runs and lists both: asked on both, not believed."""
        first, second = self.first, self.second
        names = {first.node, second.node}
        return (
            not self.namesakes
            and first.mnesia_runs
            and second.mnesia_runs
            and names <= set(first.running_db_nodes)
            and names <= set(second.running_db_nodes)
        )

    @property
    def first_keeps_second(self) -> bool:
        """Whether second has a schema on disc in first's running schema."""
        return self.first.mnesia_runs and self.second.node in self.first.schema.disc_copies

    @property
    def first_will_wait(self) -> bool:
        """Whether second's Mnesia, a lasting member, runs without first.

        First then loads no table at its next start before it has asked second.
        """
        second = self.second
        lasting = second.mnesia_runs and second.schema.storage == DISC
        known = self.first.node in second.db_nodes and not self.namesakes
        return lasting and known and not self.both_run

    @property
    def same_schema(self) -> bool:
        """Whether second's schema, running or on disc, is first's."""
        cookie = self.second.schema_cookie
        return bool(cookie) and self.first.mnesia_runs and cookie == self.first.schema.cookie

    @property
    def first_lists_a_stranger(self) -> bool:
        """Whether first's schema names second, which has another database that knows no first."""
        named, own = self.first.known_schema, self.second.known_schema
        return (
            named is not None
            and own is not None
            and self.second.node in named.nodes
            and self.first.node not in own.nodes
            and "" not in (named.cookie, own.cookie)
            and named.cookie != own.cookie
        )

    @property
    def member(self) -> bool:
        """Whether second is a lasting member: runs with first now, or comes back as one."""
        return self.both_run or (self.first_keeps_second and self.same_schema)

    def to_json(self) -> dict[str, object]:
        return {"first": self.first.to_json(), "second": self.second.to_json()}
