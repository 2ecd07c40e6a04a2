"""Who is asked about ejabberd where others than root may write the files that set it."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.hosts import HostError
from ejtui.platforms.reading import _steering

CTL = "/opt/ejabberd/bin/ejabberdctl"


def steering(said: Mapping[str, str], **overrides: str) -> str:
    host: Any = SimpleNamespace(name="second", where="second", login="op")
    config: Any = SimpleNamespace(overrides=overrides)
    return _steering(host, config, {"steered": CTL, **said})


def test_who_may_write_ejabberdctl_is_who_runs_it() -> None:
    assert steering({"installuser": "ejabberd", "holder": "ejabberd"}) == "ejabberd"


def test_roots_own_ejabberdctl_is_believed() -> None:
    assert steering({"installuser": "ejabberd"}) == "ejabberd"
    assert steering({"installuser": ""}) == "op"


@pytest.mark.parametrize("named", ["root", "op", ""])
def test_who_may_write_it_names_nobody_else(named: str) -> None:
    with pytest.raises(HostError, match=r"unsafe-path.*ejabberd may write"):
        steering({"installuser": named, "holder": "ejabberd"})


def test_a_group_that_may_write_it_names_nobody() -> None:
    with pytest.raises(HostError, match="others than root may write"):
        steering({"installuser": "ejabberd", "holder": ""})


def test_the_operator_s_word_counts() -> None:
    said = {"installuser": "root", "holder": "ejabberd"}
    assert steering(said, service_user="ejabberd") == "ejabberd"
