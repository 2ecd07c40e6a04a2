"""What a step or a repair shows is what it runs: where, as whom, in what, and its words.

On hosts that only record, for each way in which platforms start and stop ejabberd. Words that are
not known before (STAMP, ADDRESS, …) fit whatever stands there; a command with a condition in its
words may stay undone; nothing may be done that was not shown.
"""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import ejtui
from ejtui.cluster.acts.act import Command
from ejtui.cluster.backups import listing, store
from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.facts.examination import CustomSchema, Examined, NodeExam
from ejtui.cluster.facts.node import CookieFacts, PairFacts, PeerFacts, SchemaFacts
from ejtui.cluster.facts.set_aside import SetAside
from ejtui.cluster.finding import Finding
from ejtui.cluster.join import checklist
from ejtui.cluster.join.steps import STEPS, preflight, step_of
from ejtui.cluster.journal import Journal
from ejtui.cluster.operations import agreement, web_admin
from ejtui.cluster.repairs import custom_schema, rejoining
from ejtui.cluster.repairs.context import RepairContext
from ejtui.cluster.repairs.registry import repairs
from ejtui.cluster.repairs.tools import comparing
from ejtui.cluster.run.context import StepContext
from ejtui.erlang.shell.shell import Shell
from ejtui.platforms import Platform
from ejtui.platforms.platform import CookieOption
from tests.samples import step as operation
from tests.unit.cluster import recording
from tests.unit.cluster.conftest import FIRST, SECOND, Story
from tests.unit.cluster.recording import SERVICES, RecordingPair, Unlocked, World
from tests.unit.cluster.test_repairs import platform as debian

HOME = "/var/lib/ejabberd"

UNKNOWN = re.compile(
    r"STAMP|ADDRESS|HANDLE|FAMILY|TABLE|CHAIN|PID|COOKIE|OWNER|GROUP|MODE|CERTIFICATE"
    r"|FULL\\.HOST\\.NAME"
)
CONDITION = re.compile(r" [#%] where .*")
"""The comment on a command that is run only in a case."""


def platform(host: str, kind: str) -> Platform:
    start, stop = SERVICES[kind]
    settings = MappingProxyType({"node": "ejabberdctl.cfg"})
    return replace(debian(host), start=start, stop=stop, sources=settings)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """What only looks, or only keeps copies, is answered at once."""

    async def nothing(*_: Any, **__: Any) -> None: ...

    async def no_difference(*_: Any, **__: Any) -> SetAside:
        return SetAside()

    async def both_sides(*_: Any, **__: Any) -> comparing.Sides:
        return comparing.Sides(("a",), ("a", "b"), (), ())

    async def shell(_host: Any, _argv: Any, **_: Any) -> Any:
        raise AssertionError("no shell without a pair")

    monkeypatch.setattr(listing, "read", recording.listing)
    monkeypatch.setattr(store, "write", recording.write)
    monkeypatch.setattr(agreement, "before_join", nothing)
    monkeypatch.setattr(agreement, "before_start", nothing)
    monkeypatch.setattr("ejtui.cluster.operations.set_aside.compare", no_difference)
    monkeypatch.setattr(comparing, "compare_sides", both_sides)
    monkeypatch.setattr(comparing, "on_disc", both_sides)
    monkeypatch.setattr(rejoining, "join", _join)
    monkeypatch.setattr(Shell, "open", shell)
    monkeypatch.setattr(web_admin, "admin_lines", _no_lines)


async def _join(context: RepairContext) -> list[str]:
    """What the runner does: each step that is not done."""
    for number, step in enumerate(STEPS):
        if number and not checklist.derive(context.facts, context.choices)[number].done:
            await step.run(context)
            await context.refresh()
    return ["joined"]


async def yes(_question: Any) -> bool:
    return True


def made(
    story: Story, facts: PairFacts, kind: str, monkeypatch: Any, tmp_path: Path
) -> RecordingPair:
    first, second = platform("first", kind), platform("second", kind)
    pair = RecordingPair(World(facts), first, second, tmp_path)

    def after(text: str) -> None:
        now = pair.world.facts
        if "change_table_copy_type(schema" in text:
            pair.world.facts = story.second_is(story.synced(), kept_erl=now.second.kept_erl)
        elif "add_table_copy" in text:
            copied = story.copied()
            table = text.partition("(")[2].partition(",")[0]
            for role in ("first", "second"):
                made = {each.name: each for each in copied.of(role).tables}
                tables = tuple(
                    made[each.name] if each.name == table else each for each in now.of(role).tables
                )
                pair.world.change(role, tables=tables)

    async def opened(*_: Any, **__: Any) -> recording.RecordingShell:
        shell = recording.RecordingShell(pair)
        first = pair.world.facts.first
        tables = story.connected().second.tables
        pair.world.change("second", tables=tables, spool=story.cleaned().second.spool)
        pair.world.change("first", schema=replace(first.schema, cookie="cookie-of-first"))
        return shell

    pair.after = after
    monkeypatch.setattr(Shell, "open", opened)
    return pair


def check(pair: RecordingPair, shown: Sequence[Command]) -> None:
    """Raises AssertionError where something else was run than shown."""
    ran = pair.world.ran
    for each in ran:
        assert each.command is not None, f"not shown: {each}"
        command = each.command
        assert (each.host, each.place) == (command.host, command.place), each
        assert each.user == command.as_user or _lesser(each.user, command), each
        script = each.what[0] in ("sh", "/bin/sh", "write", "erl")
        if each.place == "shell" and not script:
            assert command.text == shlex.join(each.what)
    done = list(dict.fromkeys(each.command for each in ran if each.command))
    for command in done:
        assert any(_fits(one, command) for one in shown), f"not shown: {command} in {shown}"
    looks = STEPS[-1].commands(pair.plan())
    left = [
        one for one in shown if one not in looks if not any(_fits(one, command) for command in done)
    ]
    assert [one.text for one in left if not CONDITION.search(one.text)] == []


def _lesser(user: str, command: Command) -> bool:
    """The service user in root's place, where the words name it."""
    return user == "ejabberd" and "as ejabberd" in command.text


def _fits(shown: Command, run: Command) -> bool:
    words = UNKNOWN.split(CONDITION.sub("", shown.text))
    pattern = ".+".join(map(re.escape, words))
    same = (shown.host, shown.as_user, shown.place) == (run.host, run.as_user, run.place)
    return same and re.fullmatch(pattern, CONDITION.sub("", run.text)) is not None


def context_of(pair: Any, tmp_path: Path, id: str = "step") -> StepContext:
    journal = Journal(tmp_path / "journal", pair.name)
    return StepContext(operation(id), pair, pair.facts, yes, lambda _: None, journal)


MOMENTS: dict[str, Callable[[Story], PairFacts]] = {
    "cookies": Story.strangers,
    "cleandb": Story.same_cookie,
    "config": Story.cleaned,
    "sync": Story.connected,
    "tables": Story.synced,
    "quit": Story.copied,
    "permissions": Story.quitted,
    "start": Story.quitted,
}


@pytest.mark.parametrize("kind", SERVICES)
@pytest.mark.parametrize("id", MOMENTS)
async def test_a_step(
    story: Story, id: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = MOMENTS[id](story)
    if id == "permissions":
        foreign = tuple(
            replace(file, owner_is_service=False) for file in story.synced().second.spool.files
        )
        spool = replace(facts.second.spool, files=foreign, wrong_owner_count=4)
        facts = story.second_is(facts, spool=spool)
    pair = made(story, facts, kind, monkeypatch, tmp_path)
    if id in ("sync", "tables", "quit"):
        pair.shell = recording.RecordingShell(pair)
        pair.world.facts = facts
        pair.world.ran.clear()
    step = step_of(id)
    shown = step.commands(pair.plan())
    await step.run(context_of(pair, tmp_path, id))
    assert pair.world.ran
    check(pair, shown)


async def test_steps_that_only_look_change_nothing(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = [step for step in STEPS if not step.changes]
    assert {step.id for step in STEPS} == {*MOMENTS, *(step.id for step in looking)}

    async def well(_pair: Any) -> Any:
        return Diagnosis(story.joined(), Examined())

    monkeypatch.setattr(preflight, "look", well)
    for step in looking:
        pair = made(story, story.joined(), "systemd", monkeypatch, tmp_path)
        await step.run(context_of(pair, tmp_path, step.id))
        assert pair.world.ran == []


async def _no_lines(_pair: Any) -> list[str]:
    return []


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
    Scene("tables-waiting", "first", _waiting),
    Scene("join-hangs", "first", _with("first", Story.strangers, started="ejabberd")),
    Scene("join-hangs", "second", _with("second", Story.strangers, ejabberd=False,
                                        started="mnesia")),
)  # fmt: skip


def test_every_repair_has_a_scene() -> None:
    assert {scene.code for scene in SCENES} == set(repairs())


@pytest.mark.parametrize("kind", SERVICES)
@pytest.mark.parametrize("scene", SCENES, ids=str)
async def test_a_repair(
    story: Story, scene: Scene, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = made(story, scene.facts(story), kind, monkeypatch, tmp_path)
    scene.before(pair)
    custom = NodeExam(
        asked=True, custom=CustomSchema("/var/lib/ejabberd/ejabberd.schema", text="a")
    )

    async def examined(*_: Any) -> Examined:
        return Examined(custom, custom)

    monkeypatch.setattr(custom_schema, "examine", examined)
    pair.world.moved[HOME] = ["ejabberd.schema"]
    finding = Finding(scene.code, scene.code, scene.node, subjects=scene.subjects)
    repair = repairs()[scene.code]
    shown = repair.commands(pair.plan(), finding)
    journal = Journal(tmp_path / "journal", pair.name)
    context = RepairContext(finding, pair, pair.facts, yes, lambda _: None, journal, Unlocked())  # type: ignore[arg-type]
    await repair.takes(context)
    await repair.run(context)
    assert pair.world.ran
    check(pair, shown)


def test_nothing_but_acts_makes_commands() -> None:
    cluster = Path(ejtui.__file__).parent / "cluster"
    makers = {
        file.relative_to(cluster).as_posix()
        for file in cluster.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Command"
    }
    assert makers == {"acts/act.py"}
