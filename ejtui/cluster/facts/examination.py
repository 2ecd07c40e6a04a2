"""What a check asks beyond the nodes' facts: the disc, the log, locks, the other members."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ejtui.cluster.facts.half_done import HalfDone
from ejtui.cluster.facts.log import LogEntry, LogFacts
from ejtui.cluster.facts.settings import NodeSettings


@dataclass(frozen=True)
class SocketUnit:
    """A socket unit, and the addresses with ports (`ListenStream`) that it listens on."""

    name: str
    addresses: tuple[str, ...] = ()

    @property
    def loopback_only(self) -> bool:
        return all(at.startswith(("127.", "[::1]")) for at in self.addresses)

    @property
    def dropin(self) -> str:
        """Where the drop-in goes: what systemd reads last is what counts."""
        return f"/etc/systemd/system/{self.name}.d/zz-ejtui.conf"

    @property
    def shown(self) -> str:
        """For people."""
        return f"{self.name} of systemd, ListenStream {', '.join(self.addresses)}"


@dataclass(frozen=True)
class ServiceUnit:
    """Ejabberd's unit as systemd reports it: ActiveState, SubState, NRestarts, ControlGroup,
    UnitFileState, LoadState, Result, TimeoutStartUSec and TimeoutStopUSec.

    `vm_groups` are the cgroups of the VM that has the node's name, empty where none is known.
    `journal` are the last lines of its journal, read where ejabberd does not run.
    """

    name: str
    active: str = ""
    sub: str = ""
    restarts: int = 0
    group: str = ""
    file_state: str = ""
    vm_groups: tuple[str, ...] = ()
    load: str = ""
    result: str = ""
    timeout: str = ""
    stop_timeout: str = ""
    journal: tuple[LogEntry, ...] = ()

    @property
    def masked(self) -> bool:
        """Whether nothing can start it."""
        return self.load == "masked"

    @property
    def again(self) -> bool:
        """Whether it ended, and systemd waits to start it again."""
        return self.sub == "auto-restart"

    @property
    def failed(self) -> bool:
        return self.active == "failed"

    @property
    def shown(self) -> str:
        """Its state in a few words for people; "" where nothing is special about it."""
        if self.masked:
            return f"{self.name} is masked: nothing starts it before `systemctl unmask {self.name}`"
        if self.again:
            return (
                f"{self.name} ended ({self.result}), and systemd starts it again and again: "
                f"{self.restarts} restarts so far"
            )
        if self.failed:
            return f"{self.name} failed ({self.result}), and systemd does not start it again"
        if self.starting:
            return (
                f"{self.name} is activating ({self.sub}): systemd ends a start that takes longer "
                f"than {self.timeout or 'its time limit'}"
            )
        return ""

    @property
    def starting(self) -> bool:
        """Whether systemd starts it, or waits to start it again."""
        return self.active == "activating"

    @property
    def holds_vm(self) -> bool:
        """Whether the VM is the unit's."""
        return any(self.name in group.split("/") for group in self.vm_groups)

    @property
    def ends_vm(self) -> bool:
        """Whether systemd waits for the end of the VM, and kills it after `stop_timeout`.

        Also of one that ejabberd runs in: systemd takes ejabberd's notice that it stops, and not
        the one that it has started again in that VM (LAB: 23.01, `ejabberdctl join_cluster`).
        """
        return self.active == "deactivating" and self.sub == "stop-sigterm" and self.holds_vm

    @property
    def starts_beside(self) -> bool:
        """Whether it is started again and again beside a VM that is not its own."""
        return self.starting and self._is_beside

    @property
    def rests_beside(self) -> bool:
        """Whether it is stopped or has failed while a VM runs that is not its own.

        A stopped unit that nobody enabled is no sign: ejabberd is started in another way there.
        """
        chosen = self.file_state in ("enabled", "enabled-runtime")
        rests = self.active == "failed" or (self.active == "inactive" and chosen)
        return rests and self._is_beside

    @property
    def _is_beside(self) -> bool:
        return bool(self.vm_groups) and not self.holds_vm

    @property
    def vm_place(self) -> str:
        """The service or scope that the VM belongs to, for people."""
        units = [part for group in self.vm_groups for part in group.split("/")]
        named = [unit for unit in units if unit.endswith((".service", ".scope"))]
        return named[-1] if named else "no unit of systemd"


@dataclass(frozen=True)
class MemberFacts:
    """A member of a node's cluster that is not one of the pair.

    `broken` is the layer that is broken on the way to it, "" when it answers; `name` is the
    configuration's for it, "" when it is not there.
    """

    node: str
    broken: str = ""
    why: str = ""
    ejabberd: bool = False
    schema: str = ""
    name: str = ""

    @property
    def answers(self) -> bool:
        return not self.broken


@dataclass(frozen=True)
class Hole:
    """A node that the other one of the pair is connected to, and `role` does not reach."""

    role: str
    node: str
    broken: str
    why: str


@dataclass(frozen=True)
class DirectoryFacts:
    """The database directory itself, as the service's user finds it."""

    exists: bool = True
    writable: bool = True
    owner: str = ""
    mode: int | None = None


@dataclass(frozen=True)
class BrokenFile:
    """A file with a syntax error for the shell of ejabberdctl: `line` is where that noticed it, 0
    where it names none, and `why` its message. `is_program`: it is ejabberdctl itself.
    """

    path: str
    shell: str
    line: int
    why: str
    is_program: bool = False

    @property
    def is_left_at_once(self) -> bool:
        """Whether ejabberdctl goes on without the rest: bash does where it is not called sh."""
        return self.shell.rpartition("/")[2] == "bash" and not self.is_program


@dataclass(frozen=True)
class SchemaLock:
    """A transaction that holds the schema on a node.

    `at` is the Erlang node whose Mnesia has to end for it to be free: where the transaction runs,
    or where the lock was seen when nobody knows the transaction any more.
    """

    transaction: str
    at: str


@dataclass(frozen=True)
class CustomSchema:
    """A node's `ejabberd.schema`, with which its ejabberd defines tables otherwise at its start.

    `elsewhere` is whether EJABBERD_MNESIA_SCHEMA names its directory. `text` is None where there is
    no such file; `error` is why it could not be read. `tables` are its definitions, table ->
    option -> value, None where nothing could read them.
    """

    path: str = ""
    elsewhere: bool = False
    text: str | None = None
    error: str = ""
    tables: Mapping[str, Mapping[str, str]] | None = None

    @property
    def defined(self) -> Mapping[str, Mapping[str, str]]:
        """Its definitions; none where there is no file, or none could be read."""
        return self.tables or {}


ANY_HOST = "*"
"""Stands for each virtual host where a node does not run and only its file was read."""


@dataclass(frozen=True)
class PasswordFormats:
    """How a node stores passwords: virtual host -> plain or scram.

    `source` is "running" where ejabberd was asked, "file" where only its file was read, "" where
    neither could be.
    """

    source: str = ""
    hosts: Mapping[str, str] = field(default_factory=dict)

    def of(self, host: str) -> str:
        """The format for a virtual host, "" when it is not known."""
        return self.hosts.get(host) or self.hosts.get(ANY_HOST, "")


@dataclass(frozen=True)
class NodeExam:
    """One node, looked at more closely; not `asked` where that was not possible.

    `locks` are those on the schema that are there for longer than one look. `same_directory`
    is whether the running Mnesia works in the directory that ejabberdctl names. `port_owner` is
    the program that has epmd's port where that is not epmd. `masters` are the tables that are to
    be loaded from a master node, whatever this one has itself. `failed` are the parts that could
    not be looked at, each with why. `custom` is None where the node's host does not report it.
    `unsafe` names what of its directories is not safe to keep anything in, and why. `free` bytes
    are on the database's file system, which has room for `free_files`, None where they are not
    counted; `backup_free` and `backup_files` are on that of the backups, which is another where
    they lie `apart`, and is in memory where the database is on a disk. `host_key` is the
    fingerprint of its host's SSH key, "" for this computer
    itself. `epmd_socket` is systemd's unit that holds epmd's port, looked for where the other node
    does not reach epmd. `service` is ejabberd's own unit, where systemd manages it. `settings` are
    what its ejabberd has loaded of ejabberd.yml. `unread_environment` are files that its unit gives
    the next VM variables from and that ejabberd's user cannot read, each with a POSIX code.
    `broken_files` are those that ejabberdctl's shell cannot read whole.
    """

    asked: bool = False
    directory: DirectoryFacts = field(default_factory=DirectoryFacts)
    same_directory: bool = True
    free: int | None = None
    backup_free: int | None = None
    backups_apart: bool = False
    free_files: int | None = None
    backup_files: int | None = None
    backups_in_memory: bool = False
    log: LogFacts = field(default_factory=LogFacts)
    locks: tuple[SchemaLock, ...] = ()
    connected: tuple[str, ...] = ()
    members: tuple[MemberFacts, ...] = ()
    port_owner: str = ""
    masters: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    custom: CustomSchema | None = None
    passwords: PasswordFormats = field(default_factory=PasswordFormats)
    unsafe: tuple[str, ...] = ()
    epmd_socket: SocketUnit | None = None
    service: ServiceUnit | None = None
    settings: NodeSettings = field(default_factory=NodeSettings)
    host_key: str = ""
    unread_environment: tuple[tuple[str, str], ...] = ()
    broken_files: tuple[BrokenFile, ...] = ()


@dataclass(frozen=True)
class Examined:
    """Both nodes, looked at more closely.

    `holes` are where the mesh of all their nodes is broken. `joining` is who is in the middle
    of changing the pair, "" when nobody is: what is half done then is no finding. `remote` are
    the tables that the operator chose not to copy. `alone_since` is when second was rolled back
    without first, which lists it still; "" when it was not. `half_done` is a join or a rollback
    that has not ended, also where nobody is at it now. `left_out` are backups that cannot be
    believed or read. `undoes`: second has a backup of a join that a rollback goes back to.
    `exchanged` is how a command begins that has first and second exchanged, "" where nobody knows
    their names.
    """

    first: NodeExam = field(default_factory=NodeExam)
    second: NodeExam = field(default_factory=NodeExam)
    holes: tuple[Hole, ...] = ()
    joining: str = ""
    remote: frozenset[str] = frozenset()
    alone_since: str = ""
    half_done: HalfDone | None = None
    left_out: tuple[str, ...] = ()
    undoes: bool = False
    exchanged: str = ""

    @property
    def is_explained(self) -> bool:
        """Whether the state of second is what a run, or one that has not ended, made of it."""
        return bool(self.joining) or (self.half_done is not None and self.half_done.explains_second)

    def of(self, role: str) -> NodeExam:
        """The exam of "first" or "second"."""
        return self.first if role == "first" else self.second
