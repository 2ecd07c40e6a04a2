"""What the set-up makes of what is typed; no host is tried."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ejtui.cluster.facts.node import NodeFacts
from ejtui.ui.screens.setup_values import whose_dialog
from ejtui.ui.setup.session import SetupSession
from ejtui.ui.setup.state import LayerSeen, SetupState
from tests.unit.cluster.conftest import Story


class Nobody:
    """Whom nothing is asked."""

    async def ask(self, question: object) -> bool:
        raise AssertionError(question)

    async def ask_secret(self, question: object) -> str | None:
        raise AssertionError(question)


class Untried(SetupSession):
    """Begins no trial, and counts those that it would have."""

    tried = 0

    def begin(self, trial: Coroutine[None, None, None]) -> asyncio.Task[None]:
        trial.close()
        self.tried += 1
        return asyncio.create_task(asyncio.sleep(0))


def ignored(_state: SetupState) -> None:
    """Nobody looks."""


def session(directory: Path) -> Untried:
    return Untried(Nobody(), ignored, directory / "config.toml", {})


def nodes(made: Untried, first: int) -> dict[str, Any]:
    """The nodes' tables in the file's text."""
    found: dict[str, Any] = tomllib.loads(made.text(first))["nodes"]
    return found


async def test_the_host_chosen_is_first_in_the_file(tmp_path: Path) -> None:
    made = session(tmp_path)
    assert made.enter(0, "op@one:2222") == ""
    assert made.enter(1, "local") == ""
    assert nodes(made, 0)["first"]["address"] == "one"
    assert nodes(made, 0)["first"]["port"] == 2222
    assert nodes(made, 1)["first"]["address"] == "local"
    assert nodes(made, 1)["second"]["user"] == "op"
    assert made.tried == 2
    await made.close()


@pytest.mark.parametrize(
    ("key", "value", "written"),
    [
        ("port", "2022", 2022),
        ("identity_file", "key", str(Path("key").absolute())),
        ("node", "ejabberd@one", "ejabberd@one"),
        ("become", "", None),
    ],
)
async def test_a_value_is_tried_and_written(
    tmp_path: Path, key: str, value: str, written: object
) -> None:
    made = session(tmp_path)
    made.enter(0, "one")
    made.enter(1, "two")
    assert made.change(0, key, value) == ""
    assert made.tried == 3
    assert nodes(made, 0)["first"].get(key) == written
    assert key == "become" or key not in nodes(made, 0)["second"]
    await made.close()


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("port", "x", "whole number"),
        ("port", "70000", "65535"),
        ("node", "nohost", "not an Erlang node"),
        ("become", "dont", "not known"),
        ("address", "", "is missing"),
    ],
)
async def test_a_value_that_is_wrong_is_not_tried(
    tmp_path: Path, key: str, value: str, shown: str
) -> None:
    made = session(tmp_path)
    made.enter(0, "one")
    before = nodes(made, 0)["first"]
    assert shown in made.change(0, key, value)
    assert made.tried == 1
    assert nodes(made, 0)["first"] == before
    await made.close()


async def test_one_host_is_no_pair(tmp_path: Path) -> None:
    made = session(tmp_path)
    made.enter(0, "op@one")
    assert made.enter(1, "me@one") == "both are the same host"
    assert made.enter(1, "one:2222") == ""
    assert made.enter(1, "one:2222") == ""
    assert made.tried == 2, "what is entered again unchanged is not tried again"
    await made.close()


WRITTEN = """\
first = "alpha"
second = "beta"

[nodes.alpha]
address = "one.example.net"
user = "op"
port = 2222
become = "doas"

[nodes.beta]
address = "2001:db8::2"
port = 22

[nodes.gamma]
address = "three.example.net"
"""


def edited(directory: Path) -> Untried:
    (directory / "config.toml").write_text(WRITTEN)
    return session(directory)


async def test_a_configuration_that_is_there_is_edited_in_place(tmp_path: Path) -> None:
    made = edited(tmp_path)
    assert [host.entered for host in made.state.hosts] == [
        "op@one.example.net:2222", "[2001:db8::2]:22",
    ]  # fmt: skip
    assert made.state.why_not_values.endswith("is still being tried")
    before, same = tomllib.loads(WRITTEN), tomllib.loads(made.text(0))
    assert same == before
    swapped = tomllib.loads(made.text(1))
    assert (swapped["first"], swapped["second"]) == ("beta", "alpha")
    assert swapped["nodes"] == before["nodes"]
    assert made.change(0, "become", "su") == ""
    assert nodes(made, 0)["alpha"]["become"] == "su"


async def test_one_that_cannot_be_used_leaves_the_set_up_empty(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("first = ")
    assert [host.entered for host in session(tmp_path).state.hosts] == ["", ""]


def _facts(*names: str) -> list[NodeFacts]:
    facts = Story().joined()
    return [replace(facts.of(name), addresses=("192.0.2.1",)) for name in names]


async def test_one_cluster_is_not_asked_whose_accounts_survive(tmp_path: Path) -> None:
    made = edited(tmp_path)
    for number, facts in enumerate(_facts("first", "second")):
        made.show(number, replace(made.state.hosts[number], going=False, facts=facts))
    assert made.state.joined
    dialog = whose_dialog(made.state)
    text = " ".join(each.text for each in dialog.box.texts if each)
    assert "one cluster already" in text
    assert "set aside" not in text


async def test_one_machine_by_two_addresses_is_no_pair(tmp_path: Path) -> None:
    made = edited(tmp_path)
    for number, facts in enumerate(_facts("first", "first")):
        seen = (LayerSeen("running", True),)
        view = replace(made.state.hosts[number], going=False, layers=seen, facts=facts)
        made.show(number, view)
    assert "both addresses are one host" in made.state.why_not_on
