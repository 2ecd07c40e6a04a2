"""First's ejabberd.yml where it is not what first has loaded: named, and nothing is taken of it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.administration.carry import options_of
from ejtui.cluster.administration.compare import compare, summary
from ejtui.cluster.carry_over import firsts_file
from ejtui.cluster.carry_over.firsts_file import NotLoaded, not_loaded
from ejtui.cluster.diagnosis.diagnose import findings
from ejtui.cluster.errors import Refused, StepFailed
from ejtui.cluster.facts.settings import NodeSettings
from ejtui.cluster.join.steps.administration import CompareAdministration
from tests.samples import PLATFORM
from tests.unit.cluster.test_administration import examined, loaded
from tests.unit.cluster.test_uncompared import MNESIA, a_join

REFUSED = NodeSettings(in_file=True, refused=True, why="line 7: mod_push is missing")
UNREAD = NodeSettings(in_file=True)
CHANGED = NodeSettings(
    asked=True, in_file=True, changed=(("acl", "a"), ("acl", "b"), ("language", "")), edition="1"
)


@pytest.mark.parametrize(
    ("file", "code", "shown"),
    [
        (REFUSED, "config-refused", "refused by ejabberd: line 7: mod_push is missing"),
        (UNREAD, "config-unloaded", "perhaps changed since its start, and not read"),
        (CHANGED, "config-unloaded", "changed since it was loaded: acl, language"),
    ],
)
def test_it_is_a_finding_of_its_node(file: NodeSettings, code: str, shown: str, story: Any) -> None:
    both = loaded(), replace(loaded(), unloaded=file)
    [found] = findings(story.strangers(), examined(*reversed(both)))
    assert (found.code, found.node, found.severity) == (code, "first", "warning")
    assert found.evidence == (f"first's ejabberd.yml: {shown}",)
    assert "on first" in found.repair
    if file is not CHANGED:
        [found] = findings(story.strangers(), examined(*both))
        assert (found.code, found.node) == (code, "second")
        assert "on second" in found.repair
    assert options_of(compare(*reversed(both))) == []


def test_both_files_are_named_also_where_second_is_stopped(story: Any) -> None:
    first = replace(loaded(), unloaded=REFUSED)
    found = findings(story.strangers(), examined(first, REFUSED))
    assert [(each.code, each.node) for each in found] == [
        ("config-refused", "first"),
        ("config-refused", "second"),
    ]
    lines = [each.line for each in compare(first, replace(loaded(), unloaded=REFUSED))]
    assert [each.partition(": ")[0] for each in lines] == [
        "first's ejabberd.yml",
        "second's ejabberd.yml",
    ]
    assert not any("taken" in each or "on second" in each for each in lines)
    firsts = {
        compare(replace(loaded(), unloaded=file), REFUSED)[-1].first
        for file in (REFUSED, UNREAD, CHANGED, None)
    }
    assert firsts == {"refused, too", "loaded before", "taken"}
    seen = summary(compare(first, replace(loaded(), unloaded=REFUSED)))
    assert "first's" in seen.firsts_refused
    assert "first's" not in seen.refused


def test_another_edition_of_the_file_is_another_decision() -> None:
    marks = {
        summary(compare(replace(loaded(), unloaded=file), loaded())).marks
        for file in (CHANGED, replace(CHANGED, edition="2"), CHANGED)
    }
    assert len(marks) == 2


async def test_a_join_with_a_first_that_may_not_start_again_wants_a_word(
    story: Any, monkeypatch: Any
) -> None:
    def joins(*, yes: bool) -> Any:
        context = a_join(story, monkeypatch, replace(MNESIA, unloaded=REFUSED), yes=yes)

        async def first(_: object) -> NodeSettings:
            return replace(MNESIA, unloaded=REFUSED)

        monkeypatch.setattr("ejtui.cluster.carry_over.comparison.with_file", first)
        return context

    yes, no = joins(yes=True), joins(yes=False)
    await CompareAdministration().run(yes)
    assert [each.consent for each in yes.questions] == ["config-refused", "config-refused"]
    assert ["first" in each.title for each in yes.questions] == [True, False]
    with pytest.raises(Refused, match="first's"):
        await CompareAdministration().run(no)


def test_what_first_has_not_loaded_is_not_taken() -> None:
    seen = NotLoaded((("mod_muc.history_size", "a"), ("mod_muc.access", "a"), ("certfiles", "")))
    assert [*seen.of(["acl", "mod_mam", "mod_muc", "mod_muc.access", "mod_muc.host"])] == [
        "mod_muc",
        "mod_muc.access",
    ]
    assert [*seen.of(["certificates", "certfiles", "hosts"])] == [
        "certificates", "certfiles", "hosts",
    ]  # fmt: skip
    assert not NotLoaded().of(["acl"])


@pytest.mark.parametrize("file", [REFUSED, UNREAD, CHANGED])
async def test_nothing_is_taken_where_nobody_knows(file: NodeSettings, monkeypatch: Any) -> None:
    node: Any = SimpleNamespace(facts=SimpleNamespace(ejabberd=True), platform=PLATFORM)

    async def seen(_: Any) -> NodeSettings:
        return file

    async def changes(_: Any) -> bool:
        return bool(node.facts.ejabberd)

    monkeypatch.setattr(firsts_file, "may_differ", changes)
    monkeypatch.setattr(firsts_file, "next_settings", seen)
    if file.asked:
        assert (await not_loaded(node)).changed == file.changed
    else:
        with pytest.raises(StepFailed, match="nothing is taken from it") as error:
            await not_loaded(node)
        assert ("reload_config" in str(error.value)) is not file.refused
    node.facts.ejabberd = False
    assert await not_loaded(node) == NotLoaded()
