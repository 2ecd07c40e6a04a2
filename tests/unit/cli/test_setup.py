"""From a host as the command line gives it to a node's table."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from ejtui.cli.arguments import UsageError, parse
from ejtui.cli.commands.setup import table_of

PAIR = ("setup", "--first", "a", "--second", "b")


def given(*options: str) -> Namespace:
    return parse([*PAIR, *options])


@pytest.mark.parametrize(
    ("host", "table"),
    [
        ("h.example", {"address": "h.example"}),
        ("op@h.example", {"address": "h.example", "user": "op"}),
        ("op@h.example:2222", {"address": "h.example", "user": "op", "port": 2222}),
        ("h:22", {"address": "h", "port": 22}),
        ("[fe80::1]:2222", {"address": "fe80::1", "port": 2222}),
        ("fe80::1", {"address": "fe80::1"}),
        ("op@::1", {"address": "::1", "user": "op"}),
    ],
)
def test_a_host(host: str, table: dict[str, object]) -> None:
    assert table_of(host, given()) == {**table, "become": "sudo"}


@pytest.mark.parametrize("host", ["", "a b", "@h", "op@", "h:port", "a@b@c"])
def test_what_is_no_host(host: str) -> None:
    with pytest.raises(UsageError, match="is not a host name"):
        table_of(host, given())


def test_root_becomes_nobody() -> None:
    assert table_of("root@h", given("--become", "doas"))["become"] == "none"
    assert table_of("op@h", given("--become", "doas"))["become"] == "doas"


def test_options_are_for_both_hosts_and_files_are_found_from_anywhere() -> None:
    args = given("--user", "op", "--identity-file", "key", "--proxy-jump", "j")
    assert table_of("h", args) == {
        "address": "h",
        "user": "op",
        "become": "sudo",
        "identity_file": str(Path("key").absolute()),
        "proxy_jump": "j",
    }
    assert table_of("me@h", args)["user"] == "me"


def test_this_machine() -> None:
    assert table_of("local", given("--become", "su", "--user", "op")) == {
        "address": "local",
        "become": "su",
    }
