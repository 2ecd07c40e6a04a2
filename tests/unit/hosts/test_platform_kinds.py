"""The platforms, each declared in one file."""

from __future__ import annotations

from pathlib import Path

import pytest

from ejtui.config import PLATFORMS
from ejtui.help import page
from ejtui.platforms import kinds
from ejtui.platforms.catalogue import KINDS, PLACES, SERVICES, kind_of


def test_a_file_is_all_that_a_platform_needs() -> None:
    files = [file.stem for file in Path(kinds.__path__[0]).glob("[a-z]*.py")]
    assert sorted(files) == sorted(KINDS) == list(PLATFORMS)
    assert all(kind.ejabberdctl in PLACES for kind in KINDS.values())
    assert all(SERVICES[each.name] == each for kind in KINDS.values() for each in kind.services)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: str(kind.name))
def test_each_platform_can_be_told(kind: object) -> None:
    told = [name for name in ("system", "below", "releases") if getattr(kind, name)]
    assert len(told) == 1, f"a KIND has one of system, below and releases; this one has {told}"


@pytest.mark.parametrize(
    ("reported", "name"),
    [
        ({"uname": "OpenBSD", "ctl": "/opt/ejabberd/bin/ejabberdctl"}, "openbsd"),
        ({"uname": "FreeBSD"}, "freebsd"),
        ({"uname": "Linux", "ctl": "/opt/ejabberd-23.01/bin/ejabberdctl"}, "processone"),
        ({"uname": "Linux", "release": "ubuntu", "ctl": "/usr/sbin/ejabberdctl"}, "debian"),
        ({"uname": "Linux", "release": "somebody's"}, "debian"),
        ({}, "debian"),
    ],
)
def test_a_host_is_of_the_kind_that_it_reports(reported: dict[str, str], name: str) -> None:
    assert kind_of(reported).name == name


@pytest.mark.parametrize("name", PLATFORMS)
def test_the_help_names_each_platform(name: str) -> None:
    [row] = [line for line in page("configuration").splitlines() if line.startswith("| `platform`")]
    assert f"`{name}`" in row
