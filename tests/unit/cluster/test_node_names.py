"""Which node gets which name: as few as will do, and names that both hosts know."""

from __future__ import annotations

from typing import cast

import pytest

from ejtui.cluster.repairs.naming.node_names import FULL, new_names
from ejtui.platforms import Platform


class Host:
    """What the choice looks at of a platform."""

    def __init__(self, node: str, hostname: str) -> None:
        self.node = node
        self.hostname = hostname


LOCAL, SHORT = "ejabberd@localhost", "ejabberd@chat"
LONG = {"first": "ejabberd@chat.north.example", "second": "ejabberd@chat.south.example"}
BOTH = {"second": f"ejabberd@{FULL}", "first": f"ejabberd@{FULL}"}


@pytest.mark.parametrize(
    ("first", "second", "new"),
    [
        ("ejabberd@one", "ejabberd@two", {}),
        (LOCAL, LOCAL, {"second": "ejabberd@two", "first": "ejabberd@one"}),
        ("ejabberd@one", LOCAL, {"second": "ejabberd@two"}),
        (LOCAL, "ejabberd@two", {"first": "ejabberd@one"}),
        ("ejabberd@one", "ejabberd@one", {"second": "ejabberd@two"}),
        ("ejabberd@two", "ejabberd@two", {"second": "ejabberd@two", "first": "ejabberd@one"}),
        ("ejabberd@one", "chat@two.example", {"second": "chat@two"}),
        ("ejabberd@one.example", "chat@two", {"second": f"chat@{FULL}"}),
        ("ejabberd@one.example", LOCAL, {"second": f"ejabberd@{FULL}"}),
        ("ejabberd@one", "ejabberd second", {"second": "ejabberd@two"}),
    ],
)
def test_two_hosts_with_two_names(first: str, second: str, new: dict[str, str]) -> None:
    assert named(Host(first, "one"), Host(second, "two")) == new


@pytest.mark.parametrize(
    ("first", "second", "new"),
    [
        (LOCAL, LOCAL, BOTH),
        (SHORT, SHORT, BOTH),
        (SHORT, LOCAL, BOTH),
        (SHORT, LONG["second"], {"first": f"ejabberd@{FULL}"}),
        (LONG["first"], SHORT, {"second": f"ejabberd@{FULL}"}),
        (LONG["first"], LONG["second"], {}),
    ],
)
def test_two_hosts_with_one_short_name(first: str, second: str, new: dict[str, str]) -> None:
    assert named(Host(first, "chat"), Host(second, "chat")) == new


def test_a_name_that_does_not_do_although_it_looks_well() -> None:
    first, second = Host("ejabberd@one", "one"), Host("ejabberd@10.0.0.9", "two")
    assert named(first, second, "second") == {"second": "ejabberd@two"}


def named(first: Host, second: Host, *unfit: str) -> dict[str, str]:
    new = new_names(cast("Platform", first), cast("Platform", second), unfit)
    return {str(role): name for role, name in new.items()}
