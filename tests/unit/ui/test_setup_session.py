"""What the set-up makes of what is typed; no host is tried."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from ejtui.ui.setup.session import SetupSession
from ejtui.ui.setup.state import SetupState


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
