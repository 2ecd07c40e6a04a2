"""A pair in which each repair has something to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from ejtui.cluster.facts.node import CookieFacts, PairFacts, PeerFacts, SchemaFacts
from ejtui.platforms.platform import CookieOption
from tests.unit.cluster.conftest import FIRST, SECOND, Story
from tests.unit.cluster.recorded import World
from tests.unit.cluster.recording import RecordingPair


@dataclass(frozen=True)
class Scene:
    """What a repair finds: its code and node, and the facts before it."""

    code: str
    node: str
    facts: Callable[[Story], PairFacts]
    subjects: tuple[str, ...] = ()
    note: str = ""
    before: Callable[[RecordingPair], None] = lambda _: None

    def __str__(self) -> str:
        return "-".join(filter(None, (self.code, self.node, self.note)))


def _down(role: str) -> Callable[[Story], PairFacts]:
    """Members of one cluster, of which one does not run."""

    def facts(story: Story) -> PairFacts:
        world = World(story.joined())
        world.stopped(role)
        other = "second" if role == "first" else "first"
        world.change(other, running_db_nodes=(world.now(other).node,))
        return world.facts

    return facts


def _apart(story: Story) -> PairFacts:
    world = World(story.joined())
    for role in ("first", "second"):
        world.change(role, running_db_nodes=(world.now(role).node,))
    return world.facts


def _cookie(role: str, **cookie: Any) -> Callable[[Story], PairFacts]:
    def facts(story: Story) -> PairFacts:
        world = World(story.joined())
        world.change(role, cookie=replace(world.now(role).cookie, **cookie))
        return world.facts

    return facts


def _with(role: str, moment: Callable[[Story], PairFacts], **facts: Any) -> Any:
    def made_of(story: Story) -> PairFacts:
        world = World(moment(story))
        world.change(role, **facts)
        return world.facts

    return made_of


def _lost_way(broken: str) -> Callable[[Story], PairFacts]:
    """Second does not reach first, which knows second's address."""

    def facts(story: Story) -> PairFacts:
        world = World(story.joined())
        world.change("second", peers={FIRST: PeerFacts(FIRST, "10.0.0.1", 40000, broken)})
        world.change("first", peers={SECOND: PeerFacts(SECOND, "10.0.0.2", 40000)})
        return world.facts

    return facts


def _ghost(story: Story) -> PairFacts:
    world = World(story.joined())
    running = (*world.facts.first.running_db_nodes, "ejabberd@former")
    world.change("first", running_db_nodes=running, db_nodes=running)
    return world.facts


def _taken_out(story: Story) -> PairFacts:
    """Second is down, and first has forgotten it."""
    facts = story.quitted()
    schema = replace(facts.first.schema, disc_copies=(FIRST,))
    return story.first_is(facts, db_nodes=(FIRST,), schema=schema)


def _split(story: Story) -> PairFacts:
    facts = story.same_cookie()
    both = (FIRST, SECOND)
    schema = SchemaFacts("disc_copies", "cookie-of-first", disc_copies=both)
    return story.first_is(facts, db_nodes=both, schema=schema)


def _in_the_way(story: Story) -> PairFacts:
    """First does not run, names second, and second is on another database."""
    world = World(_split(story))
    world.stopped("first")
    return world.facts


def _waiting(story: Story) -> PairFacts:
    world = World(_down("second")(story))
    tables = tuple(replace(table, where_to_read="") for table in world.facts.first.tables)
    world.change("first", tables=tables, ejabberd=False)
    return world.facts


def _foreign(story: Story) -> PairFacts:
    facts = _down("second")(story)
    files = tuple(replace(file, owner_is_service=False) for file in facts.second.spool.files)
    return story.second_is(facts, spool=replace(facts.second.spool, files=files))


def _renamed(story: Story) -> PairFacts:
    world = World(_down("second")(story))
    world.change("second", disk_schema=SchemaFacts(disc_copies=("ejabberd@old",)))
    return world.facts


def _named(pair: RecordingPair, first: str, second: str) -> None:
    """The platforms and the facts with these node names."""
    for node, name in ((pair.first, first), (pair.second, second)):
        node.platform = replace(node.platform, node=name)
        pair.world.change(node.role, node=name, db_nodes=(name,), running_db_nodes=(name,))


def _localhost(pair: RecordingPair) -> None:
    _named(pair, FIRST, "ejabberd@localhost")


def _without_address(pair: RecordingPair) -> None:
    """Second is named after an address that its host does not have, and nobody reaches it."""
    name = "ejabberd@10.0.0.9"
    _named(pair, FIRST, name)
    own = SchemaFacts("disc_copies", "own-of-second", disc_copies=(name,))
    pair.world.change("second", vm="unknown", os_pid="9", mnesia="no", ejabberd=False,
                      started="ejabberd", addresses=("10.0.0.2",), schema=SchemaFacts(),
                      disk_schema=own)  # fmt: skip


def _clone(pair: RecordingPair, name: str = FIRST) -> None:
    """Second has first's name, and its database."""
    _named(pair, name, name)
    own = SchemaFacts("disc_copies", "cookie-of-first", disc_copies=(name,))
    for role in ("first", "second"):
        pair.world.change(role, schema=own)


def _interface(pair: RecordingPair) -> None:
    dist = ("-kernel", "inet_dist_use_interface", "{127,0,0,1}")
    pair.first.platform = replace(pair.first.platform, dist_options=dist)


def _fixed_port(pair: RecordingPair) -> None:
    pair.first.platform = replace(
        pair.first.platform, env=MappingProxyType({"ERL_DIST_PORT": "5210"})
    )


def _no_master_but_missing(story: Story) -> PairFacts:
    facts = story.joined()
    tables = tuple(
        replace(table, storage="remote copy") if table.name == "roster" else table
        for table in facts.first.tables
    )
    return story.first_is(facts, tables=tables)


SCENES = (
    Scene("cookie-mode", "second", _cookie("second", mode=0o644, code="cookie-mode")),
    Scene("cookie-owner", "first", _cookie("first", owner="root", code="cookie-owner")),
    Scene("cookie-mismatch", "second", _cookie("second", sha256="b2" * 32), note="member"),
    Scene("cookie-mismatch", "second", Story.strangers),
    Scene("cookie-by-option", "second", _with("second", Story.same_cookie, cookie_options=(
        CookieOption("/etc/ejabberd/vm.args", 3, "b2" * 32),
        CookieOption("/etc/systemd/system/ejabberd.service.d/a.conf", 2, "b2" * 32),
    ))),
    Scene("cookie-malformed", "first", _cookie("first", code="cookie-malformed", sha256="")),
    Scene("cookie-missing", "first", _with("first", Story.strangers, cookie=CookieFacts(
        code="cookie-missing"))),
    Scene("epmd-down", "first", _with("first", Story.joined, epmd=None, epmd_error="down")),
    Scene("epmd-silent", "first", _with("first", Story.joined, epmd=None, epmd_error="silent")),
    Scene("epmd-stale", "second", _with("second", _down("second"), epmd=("ejabberd",))),
    Scene("epmd-unreachable", "first", _lost_way("epmd"), note="loopback"),
    Scene("epmd-socket", "first", _lost_way("epmd"), ("epmd.socket",)),
    Scene("dist-port-blocked", "first", _lost_way("tcp")),
    Scene("dist-loopback", "first", Story.same_cookie, before=_interface),
    Scene("dist-loopback", "second", Story.same_cookie, note="localhost", before=_localhost),
    Scene("dist-port-differs", "second", Story.same_cookie, before=_fixed_port),
    Scene("unresolvable", "second", _lost_way("resolve")),
    Scene("ipv6-only", "second", _lost_way("resolve")),
    Scene("wrong-peer-address", "second", _lost_way("resolve")),
    Scene("name-style", "second", Story.same_cookie, before=lambda pair: _named(
        pair, FIRST, "ejabberd@second.example")),
    Scene("both-localhost", "both", Story.same_cookie, before=lambda pair: _named(
        pair, "ejabberd@localhost", "ejabberd@localhost")),
    Scene("named-by-address", "second", Story.same_cookie, before=_without_address),
    Scene("name-in-use", "second", Story.same_cookie, note="both", before=lambda pair: _named(
        pair, FIRST, FIRST)),
    Scene("renamed", "second", _renamed, ("ejabberd@old",)),
    Scene("name-in-use", "second", _with("second", Story.strangers, ejabberd=False,
                                         started="other")),
    Scene("vm-up-app-down", "second", _with("second", Story.strangers, ejabberd=False)),
    Scene("already-running", "second", _with("second", Story.strangers, ejabberd=False)),
    Scene("dir-root-owned", "second", _foreign),
    Scene("dir-not-writable", "second", _foreign),
    Scene("wrong-dir", "second", _with("second", Story.joined, directory="/elsewhere")),
    *(
        Scene(code, "second", Story.same_cookie)
        for code in ("config-hosts", "config-auth", "config-database", "config-access",
                     "config-modules", "config-ticktime", "config-certificates")
    ),
    Scene("custom-schema", "second", Story.same_cookie),
    Scene("custom-schema", "second", Story.joined, note="member"),
    Scene("custom-schema", "first", Story.joined),
    Scene("tables-missing", "second", Story.synced),
    Scene("tables-missing", "first", _no_master_but_missing, ("roster",)),
    Scene("schema-ram", "second", Story.connected),
    Scene("schema-split", "second", _split),
    Scene("table-cookie", "second", _split),
    Scene("same-database", "second", _split),
    Scene("same-database", "second", _split, note="clone", before=_clone),
    Scene("same-database", "second", _split, note="stock-clone", before=lambda pair: _clone(
        pair, "ejabberd@localhost")),
    Scene("schema-definitions", "second", _split),
    Scene("partitioned", "both", _apart),
    Scene("partitioned", "both", Story.joined, note="master"),
    Scene("stale-member", "first", _ghost, ("ejabberd@former",)),
    Scene("stale-member", "first", _in_the_way, (SECOND,), note="in-the-way"),
    Scene("ghost-member", "first", _ghost, ("ejabberd@former",)),
    Scene("ghost-member", "second", _taken_out, (SECOND,)),
    Scene("not-connected", "second", _down("second")),
    Scene("not-connected", "first", _in_the_way, note="in-the-way"),
    Scene("outside-unit", "second", Story.joined),
    Scene("unit-stopping", "second", Story.joined),
    Scene("tables-waiting", "first", _waiting),
    Scene("join-hangs", "first", _with("first", Story.strangers, started="ejabberd")),
    Scene("join-hangs", "second", _with("second", Story.strangers, ejabberd=False,
                                        started="mnesia")),
)  # fmt: skip
