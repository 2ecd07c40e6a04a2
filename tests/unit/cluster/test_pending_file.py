"""A file of second's that was changed and not loaded: named, with the ways on, and loaded."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.administration.compare import FILE_AS_FIRST
from ejtui.cluster.administration.difference import Difference
from ejtui.cluster.administration.meanings import OPTIONS
from ejtui.cluster.backups import listing
from ejtui.cluster.backups.files import config_copy
from ejtui.cluster.carry_over import comparison, pending_file, replacement, run
from ejtui.cluster.carry_over.request import Wanted
from ejtui.cluster.errors import BackupError, Refused
from ejtui.cluster.facts.settings import NodeSettings, Setting
from ejtui.cluster.join.steps.administration import CompareAdministration
from ejtui.cluster.question import Question
from tests.samples import PLATFORM
from tests.unit.cluster.test_uncompared import a_join

PAIR: Any = SimpleNamespace(second=SimpleNamespace(name="second", platform=PLATFORM))
DIFFERS = Difference("shaper_rules", "", "10", f"11 ({FILE_AS_FIRST})", OPTIONS["shaper_rules"])


def changed(*names: str) -> NodeSettings:
    file = NodeSettings(asked=True, in_file=True, changed=tuple((name, "") for name in names))
    return NodeSettings(asked=True, unloaded=file)


def backup(written: str, *, alone: bool = True) -> Any:
    return SimpleNamespace(stamp="20261130T080000Z", of_the_file=alone, config_written=written,
                           config="former")  # fmt: skip


@pytest.mark.parametrize(
    ("second", "found", "backups", "ends"),
    [
        (changed("shaper_rules", "shaper_rules"), [DIFFERS], [backup("present")],
         "(shaper_rules). `ejtui config --take shaper_rules` loads it; "
         "`ejtui rollback 20261130T080000Z` restores the former file."),
        (changed("shaper_rules"), [DIFFERS], [backup("other"), backup("present", alone=False)],
         "(shaper_rules). `ejtui config --take shaper_rules` loads it."),
        (changed("loglevel"), [], None, f"(loglevel). `{PLATFORM.ejabberdctl} reload_config` on "
         "second loads it."),
        (changed(), [DIFFERS], [backup("present")], ""),
        (NodeSettings(asked=True), [DIFFERS], [backup("present")], ""),
    ],
)  # fmt: skip
async def test_it_is_named_with_the_ways_on(
    second: NodeSettings,
    found: list[Difference],
    backups: list[Any] | None,
    ends: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def load(_: Any) -> list[Any]:
        if backups is None:
            raise BackupError("cannot be read")
        return backups

    async def checksum(*_: Any) -> str:
        return "present"

    monkeypatch.setattr(listing, "load", load)
    monkeypatch.setattr(config_copy, "checksum", checksum)
    said = await pending_file.ways_on(PAIR, second, found)
    assert said.endswith(ends)
    assert bool(said) == bool(ends)


@pytest.mark.parametrize(("wanted", "loads"), [
    (Wanted(("shaper_rules",)), True), (Wanted(), True), (Wanted(("acl",)), False),
    (Wanted(codes=("config-auth",)), False),
])  # fmt: skip
@pytest.mark.parametrize("yes", [True, False])
async def test_what_the_file_has_already_is_loaded_after_asking(
    wanted: Wanted, loads: bool, yes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, loaded = [], []

    async def ask(question: Question) -> None:
        asked.append(question)
        if not yes:
            raise Refused("answered No")

    async def load(_: Any, taken: tuple[str, ...], **_how: Any) -> list[str]:
        loaded.append(taken)
        return ["has loaded it"]

    async def found(_: Any) -> Any:
        return (DIFFERS,)

    async def still(_: Any) -> Any:
        return (), ""

    async def prepared(*_: Any) -> Any:
        return SimpleNamespace(
            nothing=True, also=("shaper_rules", "language"), left=("shaper_rules: alike", "x: y")
        )

    monkeypatch.setattr(replacement, "load", load)
    monkeypatch.setattr(run, "loaded", found)
    monkeypatch.setattr(run, "still_differing", still)
    monkeypatch.setattr(run, "prepare", prepared)
    context: Any = SimpleNamespace(pair=PAIR, ask=ask, say=lambda _: None)
    if loads and not yes:
        with pytest.raises(Refused):
            await run.taken(context, wanted)
        assert not loaded
        return
    done = await run.taken(context, wanted)
    assert done.changed == loads
    assert loaded == [("shaper_rules",)] * loads
    assert [each.takes for each in asked] == [
        ("loads: shaper_rules, language (changed in second's file, not loaded yet)",)
    ] * loads
    assert done.left == (("x: y",) if loads else ("shaper_rules: alike", "x: y"))


@pytest.mark.parametrize("mine", ["10", "11"])
async def test_a_join_names_the_ways_on_and_that_it_loads_the_file_itself(
    mine: str, story: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sets(value: str, **more: Any) -> NodeSettings:
        options = {"chat.example": {"shaper_rules": Setting(value, value)}}
        return NodeSettings(asked=True, hosts=("chat.example",), options=options, **more)

    file = sets("10", in_file=True, changed=(("shaper_rules", ""), ("loglevel", "")))

    async def load(_: Any) -> list[Any]:
        return [backup("present")]

    async def checksum(*_: Any) -> str:
        return "present"

    monkeypatch.setattr(listing, "load", load)
    monkeypatch.setattr(config_copy, "checksum", checksum)
    context = a_join(story, monkeypatch, sets(mine, unloaded=file))

    async def of_first(_: object) -> NodeSettings:
        return sets("10")

    monkeypatch.setattr(comparison, "with_file", of_first)
    evidence = await CompareAdministration().run(context)
    way = "`ejtui config --take shaper_rules`" if mine != "10" else "reload_config` on second"
    for text in (evidence[-1], *(each.consequence for each in context.questions)):
        assert f"{way} loads it; `ejtui rollback 20261130T080000Z` restores the former" in text
        assert "A join loads it, too" in text
        assert "keeps its own values" not in text
    assert len(context.questions) == (mine != "10")
