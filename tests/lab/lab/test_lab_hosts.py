"""The full form: two hosts that are really two."""

from __future__ import annotations

import re
import subprocess

import pytest

from ejtui.lab import Lab
from ejtui.lab.place import HOSTS


def _ssh(lab: Lab, host: str, command: str) -> str:
    argv = ["ssh", "-F", str(lab.place.ssh_config), "-o", "BatchMode=yes", host, command]
    return subprocess.run(argv, check=True, capture_output=True, timeout=120).stdout.decode()


def _words(lab: Lab, host: str, *argv: str) -> list[str]:
    return lab.run(host, argv).stdout.decode().split()


@pytest.mark.parametrize("host", HOSTS)
def test_ssh_reaches_each_host_which_knows_its_name(lab: Lab, host: str) -> None:
    assert _ssh(lab, host, "hostname -s; id -un; sudo -n id -un").split() == [host, "op", "root"]


def test_accounts_are_where_they_belong(lab: Lab) -> None:
    users = ["ejabberdctl", "registered_users", "chat.example"]
    first, second = (_words(lab, host, *users) for host in HOSTS)
    assert len(first) == 25
    assert second == ["guest"]
    assert "Nowak" in " ".join(
        _words(lab, "first", "ejabberdctl", "get_vcard", "dorota", "chat.example", "FN")
    )
    roster = _words(lab, "first", "ejabberdctl", "get_roster", "dorota", "chat.example")
    assert "ben@chat.example" in roster
    offline = ["ejabberdctl", "get_offline_count", "ben", "chat.example"]
    assert _words(lab, "first", *offline) == ["1"]


def test_the_nodes_are_alone_with_different_cookies_and_schemas(lab: Lab) -> None:
    for host in HOSTS:
        assert _words(lab, host, "ejabberdctl", "list_cluster") == [f"ejabberd@{host}"]
    sums = [_words(lab, h, "sha256sum", "/var/lib/ejabberd/.erlang.cookie") for h in HOSTS]
    assert sums[0][0] != sums[1][0]
    schemas = [
        lab.run(host, ["ejabberdctl", "mnesia_table_info", "schema"]).stdout.decode()
        for host in HOSTS
    ]
    cookies = [re.search(r"\{cookie,(\{.*?\})\}", schema, re.DOTALL) for schema in schemas]
    assert cookies[0]
    assert cookies[1]
    assert cookies[0][1] != cookies[1][1]
