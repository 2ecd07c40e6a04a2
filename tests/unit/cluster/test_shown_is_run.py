"""What a step or a repair shows is what it runs: where, as whom, in what, and its words.

On hosts that only record, for each way in which platforms start and stop ejabberd. Words that are
not known before (STAMP, ADDRESS, …) fit whatever stands there; a command with a condition in its
words may stay undone; nothing may be done that was not shown."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import ejtui
from ejtui.cluster.acts.act import Command
from ejtui.cluster.backups import listing, store
from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.facts.examination import CustomSchema, Examined, NodeExam
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.facts.set_aside import SetAside
from ejtui.cluster.finding import Finding
from ejtui.cluster.join import checklist
from ejtui.cluster.join.steps import STEPS, Step, preflight, step_of
from ejtui.cluster.journal import Journal
from ejtui.cluster.operations import agreement, web_admin
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.repairs.context import RepairContext
from ejtui.cluster.repairs.files import custom_schema
from ejtui.cluster.repairs.members import rejoining
from ejtui.cluster.repairs.registry import repairs
from ejtui.cluster.repairs.tools import comparing
from ejtui.cluster.run.context import StepContext
from ejtui.erlang.shell.shell import Shell
from ejtui.platforms import Platform
from tests.samples import step as operation
from tests.unit.cluster import recording
from tests.unit.cluster.conftest import Story
from tests.unit.cluster.recorded import World
from tests.unit.cluster.recording import SERVICES, RecordingPair, Unlocked
from tests.unit.cluster.scenes import SCENES, Scene
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
    pair = RecordingPair(World(facts, acts_alone=True), first, second, tmp_path)

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


def _foreign_files(story: Story) -> PairFacts:
    """After the erl shell, files of another owner are in second's database."""
    files = tuple(
        replace(file, owner_is_service=False) for file in story.synced().second.spool.files
    )
    facts = story.quitted()
    spool = replace(facts.second.spool, files=files, wrong_owner_count=4)
    return story.second_is(facts, spool=spool)


MOMENTS: Sequence[Callable[[Story], PairFacts]] = (
    *(Story.strangers, Story.compared, Story.cleaned, Story.connected),
    *(Story.synced, Story.copied, Story.quitted),
)
SPECIAL: dict[str, Callable[[Story], PairFacts]] = {"permissions": _foreign_files}
"""When a step has something to do that has nothing to do in an ordinary join."""


def moment(story: Story, step: Step) -> PairFacts:
    """The first moment of a join at which this step is the next one to run."""
    for each in (SPECIAL[step.id],) if step.id in SPECIAL else MOMENTS:
        facts = each(story)
        if checklist.derive(facts, Choices())[step.number - 1].state == "todo":
            return facts
    raise AssertionError(
        f"the step {step.id} changes something, and has nothing to do at any moment of an ordinary "
        f"join: give it facts for which its state() is todo, in SPECIAL of {Path(__file__).name}"
    )


@pytest.mark.parametrize("kind", SERVICES)
@pytest.mark.parametrize("id", [step.id for step in STEPS if step.changes])
async def test_a_step(
    story: Story, id: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = step_of(id)
    facts = moment(story, step)
    pair = made(story, facts, kind, monkeypatch, tmp_path)
    if facts.second.bare_shell:
        pair.shell = recording.RecordingShell(pair)
        pair.world.facts = facts
        pair.world.ran.clear()
    shown = step.commands(pair.plan())
    await step.run(context_of(pair, tmp_path, id))
    assert pair.world.ran, f"run() of the step {id} did nothing although its state() was todo"
    check(pair, shown)


@pytest.mark.parametrize("id", [step.id for step in STEPS if not step.changes])
async def test_a_step_that_only_looks_changes_nothing(
    story: Story, id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def well(_pair: Any) -> Any:
        return Diagnosis(story.joined(), Examined())

    monkeypatch.setattr(preflight, "look", well)
    pair = made(story, story.joined(), "systemd", monkeypatch, tmp_path)
    await step_of(id).run(context_of(pair, tmp_path, id))
    assert pair.world.ran == [], f"{id} has `changes = False`, and runs an act"


async def _no_lines(_pair: Any) -> list[str]:
    return []


def test_every_repair_has_a_scene() -> None:
    scenes = {scene.code for scene in SCENES}
    without = sorted(set(repairs()) - scenes)
    assert not without, f"add a Scene to SCENES in scenes.py, one for each of {without}"
    assert scenes <= set(repairs()), "a Scene is of no repair"


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
