"""A pair whose hosts and nodes do nothing but record what is run there, and change their facts.

What changes something is recorded with the command that it belongs to: see `acts.act`. Looking is
not recorded; whatever is not known as a look counts as a change."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

from ejtui.cluster.acts.act import done_now
from ejtui.cluster.backups.listing import Listing
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.facts.node import (
    NodeFacts,
    PairFacts,
    PeerFacts,
    SchemaFacts,
    SpoolFacts,
    SpoolFile,
)
from ejtui.cluster.pair.plan import Plan
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.config import HostConfig
from ejtui.hosts.host import Output
from ejtui.platforms import Platform
from tests.unit.cluster.answers import ANSWERS
from tests.unit.cluster.recorded import Ran, World

SERVICES = {
    "systemd": (("systemctl", "start", "ejabberd"), ("systemctl", "stop", "ejabberd")),
    "rcctl": (("rcctl", "-f", "start", "ejabberd"), ("rcctl", "-f", "stop", "ejabberd")),
    "service": (("service", "ejabberd", "onestart"), ("service", "ejabberd", "onestop")),
    "plain": (("/usr/sbin/ejabberdctl", "start"), ("/usr/sbin/ejabberdctl", "stop")),
}
"""How each kind of platform starts and stops ejabberd."""
STAMP = "20260101T000000Z"
LOOKS = {
    "settings", "config_changed", "file_settings", "config_about", "sealed_file", "code_paths",
    "certificates", "unknown_options", "unread_environment", "broken_settings",
    "vm", "layers", "unsafe", "room", "checksum", "list_dir", "secret_key", "table_progress",
    "run_erl", "changes_schema", "kept_content", "check_backup", "accounts", "read_accounts",
    "accounts_elsewhere", "stored_accounts",
    "lock", "unlock", "web_admin", "echo", "lock_info", "backups", "lives_there", "kept_tables",
    "kept_file",
}  # fmt: skip
"""Questions that change nothing, or nothing but ejtui's own lock."""
LOOKING_PROGRAMS = {"tail", "test", "hostname", "date"}
LOOKING_SCRIPTS = {
    "fixed_files",
    "rules",
    "stat",
    "believe",
    "ss",
    "ps",
    "ls",
    "socket_find",
    "unit_find",
    "unit_of",
    "lines",
    "managers",
}
"""By what a script is called: its $0."""
KEEPING = {"keep", "sh"}
"""What makes directories for backups and copies into them, which a repair shows as `backup`."""
NFT = {
    "nftables": [
        {"chain": {"family": "inet", "table": "filter", "name": "input", "hook": "input",
                   "policy": "drop"}},
    ]
}  # fmt: skip


def _must_be_an_act(world: World, what: tuple[str, ...], looks: str) -> None:
    """Raises AssertionError where it was run outside an act, and nothing may be: see World."""
    if world.acts_alone and done_now() is None:
        name = Path(__file__).name
        raise AssertionError(
            "This was run outside an act (ejtui/cluster/acts). Make an act of it, and show it "
            f"by commands(); if it only looks, name it in {name}: {looks}.\n{shlex.join(what)}"
        )


class RecordingHost:
    """Runs nothing."""

    lost = None
    login = "op"
    identity = "key"

    def __init__(self, node: RecordingNode) -> None:
        self._node = node
        self.name = self.where = node.name

    @property
    def root(self) -> str | None:
        return self._node.platform.root

    async def run(self, argv: Sequence[str], *, user: str | None = None, **_: Any) -> Output:
        name = argv[3] if argv[0] in ("sh", "/bin/sh") and len(argv) > 3 else ""
        if "-eval" in argv and "mnesia_change_nodename" in argv[argv.index("-eval") + 1]:
            self._record(user, ("erl", "mnesia_change_nodename"))
            return Output(0, b"\ndone\n", b"")
        if "-eval" in argv:
            return Output(0, self._evaluated(argv).encode(), b"")
        if name == "add" and argv[4] == "look":
            return Output(0, b"missing\n", b"")
        if argv[0] in LOOKING_PROGRAMS or name in LOOKING_SCRIPTS:
            return self._looked(name or argv[0], argv)
        if name in KEEPING and done_now() is None:
            return Output(0, f"{STAMP} {STAMP}".encode(), b"")
        self._record(user, tuple(argv))
        self._done(name or argv[0], tuple(argv))
        self._edited(name)
        return Output(0, b"", b"")

    def _done(self, name: str, argv: tuple[str, ...]) -> None:
        """What it does to the facts."""
        node, world = self._node, self._node.world
        if argv == node.platform.start:
            world.started(node.role)
        elif argv == node.platform.stop:
            world.stopped(node.role)
        elif name in ("kill", "socket"):
            world.listening = False
        elif name == "give":
            owned = tuple(replace(file, owner_is_service=True) for file in self._files())
            world.change(node.role, spool=SpoolFacts(exists=True, files=owned))
            world.change(node.role, cookie=replace(node.facts.cookie, code=""))
        elif name == "chmod":
            world.change(node.role, cookie=replace(node.facts.cookie, mode=0o400, code=""))
        elif name == "drop":
            left = [each for each in node.facts.cookie_options if str(each.line) != argv[4]]
            world.change(node.role, cookie_options=tuple(left))
        elif name == "replace":
            world.carried_over = True
        elif name == "set":
            node.configured("" if argv[6] == "comment" else argv[7])
        elif name == node.platform.epmd:
            world.change(node.role, epmd=("ejabberd",), epmd_error="")

    def _edited(self, name: str) -> None:
        """What an edit of a file does to the facts."""
        node, world = self._node, self._node.world
        if name == "add":
            peers = {
                peer: replace(way, broken="", code="") for peer, way in node.facts.peers.items()
            }
            world.change(node.role, peers=peers)

    def _files(self) -> tuple[SpoolFile, ...]:
        return self._node.facts.spool.files

    def _evaluated(self, argv: Sequence[str]) -> str:
        own = "inet:getifaddrs" in argv[argv.index("-eval") + 1]
        return "40000 10.0.0.2" if own else "10.0.0.2"

    def _looked(self, name: str, argv: Sequence[str]) -> Output:
        if name == "date":
            return Output(0, f"{STAMP}\n".encode(), b"")
        if name == "stat":
            return Output(0, f"{argv[-1]}\n0:0 644\n".encode(), b"")
        if name == "rules":
            return Output(0, json.dumps(NFT).encode(), b"")
        if name == "lines":
            return Output(0, f"{argv[4]}=before\n".encode(), b"")
        if name == "believe":
            return Output(0, argv[-1].encode(), b"")
        if name == "ss" and self._node.world.listening:
            line = 'LISTEN 0 5 127.0.0.1:4369 0.0.0.0:* users:(("epmd",pid=77,fd=3))'
            return Output(0, line.encode(), b"")
        if name == "socket_find":
            at = "127.0.0.1" if self._node.world.listening else "[::]"
            return Output(0, f"epmd.socket\n{at}:4369\n".encode(), b"")
        if name == "unit_find":
            state = "ActiveState=active\nSubState=running\n0::/system.slice/ejabberd.service\n"
            return Output(0, state.encode(), b"")
        code = 1 if argv[:2] == ["test", "-f"] or (name == "ps" and "$(id" in argv[2]) else 0
        return Output(code, b"", b"")

    def _record(self, user: str | None, what: tuple[str, ...]) -> None:
        node = self._node
        _must_be_an_act(node.world, what, "LOOKING_PROGRAMS, with what it prints in _looked()")
        who = user or node.platform.service_user
        node.world.ran.append(Ran(node.name, who, "shell", what, done_now()))

    async def read(self, path: str, *, user: str | None = None) -> bytes:
        del path, user
        return b"ERLANG_NODE=ejabberd@before\nINET_DIST_INTERFACE=127.0.0.1\n"

    async def write(self, path: str, data: bytes, *, user: str | None = None, **_: Any) -> None:
        del data
        self._record(user, ("write", path))


class RecordingProbe:
    """Answers as a node would to which nothing goes wrong."""

    lost = None

    def __init__(self, node: RecordingNode) -> None:
        self._node = node

    async def ask(self, function: str, *arguments: Any, **_: Any) -> Any:
        self._record(function, arguments)
        answer = ANSWERS.get(function)
        return answer(self._node, *arguments) if answer else None

    def _record(self, function: str, arguments: Sequence[Any]) -> None:
        if function not in LOOKS:
            node, place, ran = self._node, "erl", (function, *map(str, arguments))
            _must_be_an_act(node.world, ran, "LOOKS, with what the probe answers in answers.py")
            if function == "check_file":  # in a VM beside that the probe starts
                place, ran = "shell", ("erl", "ejabberd_config:load", str(arguments[2]))
            user = node.platform.service_user
            node.world.ran.append(Ran(node.name, user, place, ran, done_now()))


class RecordingNode:
    """A node of the pair; its configuration calls first "kyoto" and second "lyon"."""

    opened, masked, trouble, host_key = True, False, None, ""

    def __init__(self, world: World, role: Any, platform: Platform) -> None:
        self.world, self.role, self.platform = world, role, platform
        self.name = {"first": "kyoto", "second": "lyon"}[role]
        self.host, self.probe = RecordingHost(self), RecordingProbe(self)
        self.config, self.where = HostConfig(self.name, self.name), f"op@{self.name}"

    @property
    def known_platform(self) -> Platform:
        return self.platform

    @property
    def facts(self) -> NodeFacts:
        return self.world.now(self.role)

    async def refresh(self, peers: Sequence[str] = ()) -> NodeFacts:
        del peers
        return self.facts

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    def configured(self, text: str) -> None:
        """The host's ejabberdctl.cfg was changed."""
        values = dict(re.findall(r"^([A-Z_]+)=(.*)$", text, re.MULTILINE))
        node = values.get("ERLANG_NODE", "").strip("'") or self.platform.node
        dist = ("-kernel", "inet_dist_use_interface") if "INET_DIST_INTERFACE" in values else ()
        env = {name: values[name] for name in ("ERL_DIST_PORT",) if name in values}
        self.platform = replace(
            self.platform, node=node, dist_options=dist, env=MappingProxyType(env)
        )
        self.world.change(self.role, node=node)


class RecordingShell:
    """The erl on second: what is typed is recorded, and done to the facts."""

    at_work = ended = False

    def __init__(self, pair: RecordingPair) -> None:
        self._pair = pair
        second = pair.second
        user = second.platform.service_user
        second.world.ran.append(Ran(second.name, user, "shell", ("erl",), done_now()))
        schema = SchemaFacts("ram_copies", "cookie-of-first", ram_copies=(second.facts.node,))
        second.world.change("second", vm="up", mnesia="yes", started="mnesia", schema=schema)
        both = (pair.first.facts.node, second.facts.node)
        for role in ("first", "second"):
            second.world.change(role, running_db_nodes=both, db_nodes=both)

    async def ready(self, _seconds: float) -> None: ...

    async def close(self) -> None: ...

    async def command(self, text: str, **_: Any) -> str:
        second = self._pair.second
        if text != "node().":
            user = second.platform.service_user
            second.world.ran.append(Ran(second.name, user, "erl", (text,), done_now()))
        self._pair.typed(text)
        return f"{second.facts.node} {{atomic,ok}}"

    async def quit(self, _seconds: float) -> None:
        second = self._pair.second
        user = second.platform.service_user
        second.world.ran.append(Ran(second.name, user, "erl", ("q().",), done_now()))
        second.world.stopped("second")
        self._pair.shell = None


class RecordingPair:
    """The pair, as the steps and repairs use it."""

    name, kept_at, shell_size = "first+second", "", (80, 24)
    others: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, world: World, first: Platform, second: Platform, directory: Path) -> None:
        self.world = world
        self.directory = directory
        self.first = RecordingNode(world, "first", first)
        self.second = RecordingNode(world, "second", second)
        self.choices = Choices()
        self.shell: Any = None
        self.agreed: set[str] = set()
        self.counts: tuple[Any, ...] = ()
        self.after: Callable[[str], None] = lambda _: None

    @property
    def facts(self) -> PairFacts:
        return self.world.facts

    @property
    def live_shell(self) -> Any:
        return self.shell

    @property
    def recordings(self) -> Path:
        return self.directory

    def typed(self, text: str) -> None:
        """A line was typed; `after` changes the facts."""
        self.after(text)

    def exchanged(self, command: str) -> str:
        return f"ejtui --first {self.second.name} --second {self.first.name} {command}"

    async def refresh(self) -> PairFacts:
        return self.facts

    async def end_shell(self) -> None:
        self.shell = None

    def plan(self, facts: PairFacts | None = None) -> Plan:
        one, two = self.first, self.second
        return Plan(
            one.name, two.name, one.platform, two.platform, facts or self.facts, self.choices
        )


class Unlocked(SimpleNamespace):
    """In place of the pair's lock."""

    held = True

    async def take(self, _what: str) -> None: ...

    async def release(self) -> None: ...

    async def keep(self) -> None: ...

    async def note(self, *_: object) -> None: ...

    async def meanwhile(self) -> str:
        return ""


def peers_of(node: str) -> dict[str, PeerFacts]:
    return {node: PeerFacts(node, "10.0.0.9", 40000)}


async def listing(node: RecordingNode) -> Listing:
    """In place of the store's: the backups that were written."""
    if node.role == "first":
        return Listing()
    return Listing(tuple(reversed(node.world.manifests)))


async def write(node: RecordingNode, manifest: Manifest) -> None:
    """In place of the store's."""
    world = node.world
    world.manifests = [each for each in world.manifests if each.stamp != manifest.stamp]
    world.manifests.append(manifest)
