"""Programs that keep a host's firewall: each is named, with the command that lets the peer in."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from ejtui.lab.errors import LabError
from ejtui.lab.lab import Lab
from ejtui.lab.place import HOSTS
from tests.lab.cli.driver import Ejtui
from tests.lab.systemd.booted import EXTRA, booted, why_not
from tests.skipping import skip_for

pytestmark = [pytest.mark.releases, pytest.mark.catalogue]

_UFW = ("ufw allow 22/tcp >/dev/null; ufw --force enable", "ufw --force disable")
_FIREWALLD = ("systemctl start firewalld", "systemctl stop firewalld")
_DROP = "INPUT -i peer -p tcp --dport 1024:65535 -m tcp --syn -j DROP"
_LEGACY = (f"iptables-legacy -A {_DROP}", f"iptables-legacy -D {_DROP}; iptables-legacy -F")


@pytest.fixture(scope="module")
def walled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Two hosts with all three programs, none of which is in use."""
    skip_for(why_not())
    with booted(tmp_path_factory.mktemp("walled"), more=EXTRA) as lab:
        for host in HOSTS:
            lab.run(host, ["systemctl", "disable", "--now", "firewalld"], timeout=120)
        yield lab


@pytest.mark.parametrize(
    ("manager", "up", "down"),
    [("ufw", *_UFW), ("firewalld", *_FIREWALLD), ("iptables-legacy", *_LEGACY)],
)
def test_the_program_that_keeps_the_rules_is_named_and_its_command_works(
    walled: Lab, manager: str, up: str, down: str
) -> None:
    ejtui = Ejtui(walled)
    _on_first(walled, up)
    try:
        blocked = ("epmd-unreachable", "dist-port-blocked")
        for code in blocked:
            status, answer = ejtui.json("check")
            found = [(each["code"], each["node"]) for each in answer["findings"]]
            assert (status, found) == (1, [(code, "first")]), answer["findings"]
            status, answer = ejtui.json("repair", code, "--yes")
            said = answer["error"]["message"]
            assert status == 1, answer
            assert f"kept by {manager}" in said
            [command] = re.findall("`(.*?)` as root", said)
            _on_first(walled, command)
        status, answer = ejtui.json("check")
        assert (status, answer["findings"]) == (0, []), answer["findings"]
    finally:
        _on_first(walled, down)


def _on_first(lab: Lab, script: str) -> None:
    try:
        lab.run("first", ["sh", "-euc", script], timeout=120)
    except LabError as error:
        if "Module" in str(error) or "can't initialize iptables" in str(error):
            pytest.skip(f"this computer's kernel has no such tables: {error}")
        raise
