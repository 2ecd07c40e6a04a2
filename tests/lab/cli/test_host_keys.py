"""A host whose key is really another one: refused with nothing sent, in every way in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ejtui.config import load
from ejtui.hosts import HostKeyUnknown, open_host
from ejtui.hosts.ssh.known_hosts import remember
from ejtui.lab.forms.links import MACHINE_LINK, interface
from ejtui.lab.lab import Lab
from tests.lab.cli.host_key import Replaced, fingerprint, recorded, replaced, restore
from tests.lab.cli.test_asking import UNREACHABLE, alone, at_terminal, config_with, end
from tests.lab.cli.test_setup import setup
from tests.lab.ui import scenarios

# What sshd logs of a client that goes on after its key: encryption begins, then the login.
GOES_ON = ("SSH2_MSG_NEWKEYS received", "userauth-request for user op")
REFUSED = re.compile(r"Received disconnect from \S+ port \d+:\d+: Host key is not trusted")


@pytest.fixture
def other(lab: Lab) -> Iterator[Replaced]:
    """Second, its sshd started again with another key."""
    with replaced(lab, "second") as there:
        yield there


def nothing_was_sent(there: Replaced) -> None:
    """There were connections; each was ended on seeing the key, before anything else."""
    log = there.log
    assert log.count("Connection from ") == len(REFUSED.findall(log)) > 0
    for line in GOES_ON:
        assert line not in log


def names_both(there: Replaced, text: str) -> None:
    known = there.lab.place.known_hosts
    line = known.read_text().splitlines().index(_line(there)) + 1
    shown = re.findall(r"SHA256:[A-Za-z0-9+/]{43}(?![A-Za-z0-9+/=])", text)
    assert shown[:2] == [fingerprint(there.lab, "second"), recorded(there.lab, "second")]
    assert shown[0] != shown[1]
    for part in ("host key changed", f"{known} line {line}"):
        assert part in text


def _line(there: Replaced) -> str:
    lines = there.lab.place.known_hosts.read_text().splitlines()
    return next(line for line in lines if line.startswith("second,"))


def test_a_replaced_key_stops_a_command_before_anything_is_sent(other: Replaced) -> None:
    lab = other.lab
    before = lab.place.known_hosts.read_text()
    ran = alone(lab.config_path, "join", "--yes", "--json")
    assert ran.returncode == UNREACHABLE
    names_both(other, ran.stdout)
    # Where there is somebody to ask, they are not asked.
    code, said = end(at_terminal(lab.config_path, "status", "--json"))
    assert code == UNREACHABLE
    names_both(other, said)
    assert "Type yes" not in said
    assert lab.place.known_hosts.read_text() == before
    nothing_was_sent(other)


def test_a_replaced_key_stops_the_set_up_and_the_restored_one_works(
    lab: Lab, tmp_path: Path
) -> None:
    with replaced(lab, "second") as other:
        code, said, complaint = setup(lab, tmp_path / "config.toml")
        assert code == UNREACHABLE
        assert "✗ host key" in said
        assert said.count("✓ authentication") == 1, "first's alone"
        names_both(other, complaint)
        nothing_was_sent(other)
        assert not (tmp_path / "config.toml").exists()
    assert alone(lab.config_path, "status").returncode == 0
    assert setup(lab, tmp_path / "config.toml")[0] == 0


def test_the_log_does_show_whoever_goes_on(other: Replaced, tmp_path: Path) -> None:
    """With the other key in known_hosts all of it is there: so what is absent above, was not."""
    lab = other.lab
    known = tmp_path / "known_hosts"
    lines = lab.place.known_hosts.read_text().splitlines()
    names = _line(other).split()[0]
    kept = [line for line in lines if line != _line(other)]
    known.write_text("\n".join([*kept, f"{names} {other.public}"]) + "\n")
    assert alone(config_with(lab, tmp_path, known), "status").returncode == 0
    for line in GOES_ON:
        assert line in other.log
    assert not REFUSED.search(other.log)


def test_the_app_shows_both_keys_no_key_press_leads_past_it_and_the_restored_one_works(
    lab: Lab, tmp_path: Path
) -> None:
    before = lab.place.known_hosts.read_text()
    with replaced(lab, "second") as other, scenarios.app(lab, tmp_path, 120, 40) as screen:
        scenarios.find(screen, "host-unreachable")
        text = screen.until("What was looked at")
        for each in (fingerprint(lab, "second"), recorded(lab, "second")):
            assert each in text
        screen.keys("Enter")
        screen.until("✗ Repair what is wrong: ")
        screen.keys("Escape")
        screen.until("? help")
        for key, refused in (("Enter", "✗ Run the step: "), ("a", "✗ Run on: ")):
            screen.keys(key)
            screen.until(f"{refused}second: not reached")
            screen.keys("y")
        assert lab.place.known_hosts.read_text() == before
        nothing_was_sent(other)
        restore(lab, "second")
        screen.until("next: 2 Magic cookies")
        scenarios.leave(screen)


def test_the_set_up_in_the_app_refuses_it_and_writes_nothing(
    other: Replaced, tmp_path: Path
) -> None:
    lab = other.lab
    known = tmp_path / "known_hosts"
    known.write_text(lab.place.known_hosts.read_text())
    words = ("setup", "--known-hosts", str(known))
    with scenarios.bare(lab, tmp_path, 120, 40, *words) as screen:
        screen.until("Which two hosts?")
        for host in ("first", "second"):
            scenarios.enter(screen, host)
        screen.until("25 accounts ─")
        text = screen.until("✗ host key")
        for each in (fingerprint(lab, "second"), recorded(lab, "second")):
            assert each in text
        screen.keys("y", "Enter")
        screen.until("What was found")
        screen.keys("End", "Enter")
        screen.until('second does not get past "host key"')
        for left in ("» Go on to the values", "» The other", "» One host", "Leave the set-up?"):
            screen.keys("Escape")
            screen.until(left)
        screen.keys("y")
        screen.until("ended with 0")
    assert known.read_text() == lab.place.known_hosts.read_text()
    assert not list((tmp_path / "home").rglob("config.toml"))
    nothing_was_sent(other)


async def test_a_link_local_address_has_a_key_of_its_own(lab: Lab, tmp_path: Path) -> None:
    there = lab.run("second", ["ip", "-j", "-6", "addr", "show", "dev", MACHINE_LINK]).stdout
    [link] = [each for each in json.loads(there)[0]["addr_info"] if each["scope"] == "link"]
    address = f"{link['local']}%{interface(lab.place.key, 'second')}"
    node = load(lab.config_path).nodes["second"]
    known = tmp_path / "known_hosts"
    host = open_host(replace(node, address=address, known_hosts=str(known)))
    with pytest.raises(HostKeyUnknown) as caught:
        await host.connect()
    assert caught.value.fingerprint == fingerprint(lab, "second")
    remember(caught.value)
    await host.connect()
    assert (await host.run(["hostname"])).stdout == b"second\n"
    await host.close()
    assert known.read_text().startswith(f"{address} ssh-ed25519 ")
