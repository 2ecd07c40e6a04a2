"""What first's release knows and second's does not is named before anything is written."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.administration.difference import Difference
from ejtui.cluster.administration.meanings import MODULE_OPTION
from ejtui.cluster.carry_over import request
from ejtui.cluster.carry_over.firsts_file import NotLoaded
from ejtui.cluster.carry_over.request import Wanted, prepare
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.operations.files import config_file
from tests.samples import PLATFORM
from tests.unit.cluster.test_ejabberd_yml import MAIN, read

FIRST = "hosts: [a]\nnew_option: 1\nmodules:\n  mod_ping: {new: 1, old: 2}\n  mod_new: {}\n"
SECOND = "hosts: [a]\nmodules:\n  mod_ping: {}\n"
NEW = {"option:new_option", "module:mod_ping:new", "module:mod_new"}


def pair(monkeypatch: pytest.MonkeyPatch, version: str = "21.01") -> Any:
    async def text(node: Any, instead: str | None = None) -> Any:
        return await read({MAIN: instead or (FIRST if node is one else SECOND)})

    async def ask(_question: str, _line: Any, _program: str, names: list[str], **_: Any) -> Any:
        asked.append(names)
        return [each for each in names if each in NEW]

    asked: list[list[str]] = []
    facts = SimpleNamespace(ejabberd=False, ejabberd_version=version)
    one = SimpleNamespace(facts=SimpleNamespace(ejabberd=True, ejabberd_version="24.12"))
    other = SimpleNamespace(
        facts=facts, platform=PLATFORM, probe=SimpleNamespace(ask=ask), asked=asked
    )

    async def loaded(_: Any) -> NotLoaded:
        return NotLoaded()

    monkeypatch.setattr(config_file, "read", text)
    monkeypatch.setattr(request, "not_loaded", loaded)
    return SimpleNamespace(
        first=one, second=other, facts=SimpleNamespace(first=one.facts, second=facts)
    )


@pytest.mark.parametrize(
    ("option", "name"),
    [("new_option", "new_option"), ("mod_new", "mod_new"), ("mod_ping", "mod_ping.new"),
     ("mod_ping.new", "mod_ping.new")],
)  # fmt: skip
async def test_by_name_it_is_refused(
    option: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StepFailed, match=rf"21.01 on second does not know {name} \(first has"):
        await prepare(pair(monkeypatch), Wanted(options=(option,)), ())


async def test_of_everything_it_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("new_option", "mod_ping.new", "mod_ping.old", "mod_new")
    found = [Difference(each, "", "1", "2", MODULE_OPTION) for each in names]
    done = await prepare(pair(monkeypatch), Wanted(), found)
    assert done.carried.taken == ("mod_ping.old",)
    assert [each.partition(":")[0] for each in done.left] == [names[0], names[1], names[3]]
    assert "does not know mod_new" in done.left[2]


async def test_no_value_goes_along_and_no_name_that_may_be_a_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = "Sk4live9XyZ"
    monkeypatch.setattr(
        sys.modules[__name__],
        "FIRST",
        f"hosts: [a]\nsql_password: sesame\n{key}: 1\nauth_opts: {{basic_auth: sesame}}\n"
        f"modules:\n  mod_new: {{secret: sesame, inner: {{sesame: 1}}, {key}: 2}}\n"
        f"host_config: {{a: {{ldap_password: sesame}}}}\n",
    )
    here = pair(monkeypatch)
    with pytest.raises(StepFailed):
        await prepare(here, Wanted(options=("mod_new", "sql_password", "auth_opts", key)), ())
    [names] = here.second.asked
    assert set(names) == {
        "option:sql_password", "option:auth_opts", "module:mod_new", "module:mod_new:secret",
        "module:mod_new:inner",
    }  # fmt: skip


async def test_within_one_release_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    here = pair(monkeypatch, "24.12")
    assert (await prepare(here, Wanted(options=("mod_new",)), ())).carried.taken
    assert not here.second.asked
