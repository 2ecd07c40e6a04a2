"""The command line asks at its terminal: passwords, and host keys that nobody has seen."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pexpect

from ejtui.lab.lab import Lab
from tests.lab.cli.host_key import fingerprint
from tests.lab.cluster.becoming import HOSTS, OPS, asking

UNREACHABLE = 3


def at_terminal(config: Path, *words: str) -> pexpect.spawn[str]:
    argv = ["-m", "ejtui", "--config", str(config), *words]
    return pexpect.spawn(sys.executable, argv, encoding="utf-8", timeout=120, dimensions=(40, 80))


def alone(config: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run where there is no terminal at all."""
    argv = [sys.executable, "-m", "ejtui", "--config", str(config), *words]
    return subprocess.run(
        argv,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        start_new_session=True,
    )


def config_with(lab: Lab, tmp_path: Path, known_hosts: Path) -> Path:
    """The lab's configuration with another known_hosts file."""
    file = tmp_path / "config.toml"
    before = lab.config_path.read_text()
    file.write_text(before.replace(str(lab.place.known_hosts), str(known_hosts)))
    return file


def end(child: pexpect.spawn[str]) -> tuple[int | None, str]:
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus, child.before or ""


def test_passwords_are_typed_at_the_terminal(lab: Lab) -> None:
    with asking(lab):
        child = at_terminal(lab.config_path, "status", "--json")
        hosts = set()
        for attempt in (1, 2, 3):
            child.expect(r"(first|second) \(op@[^)]*\), sudo(, attempt 2 of 3)?: \[sudo\][^:]*: ")
            assert isinstance(child.match, re.Match)
            hosts.add(child.match[1])
            child.sendline("wrong" if attempt == 1 else OPS)
        code, said = end(child)
        assert code == 0
        assert hosts == set(HOSTS)
        answer = json.loads(said[said.index("{") :])
        assert answer["first"]["reachable"]
        assert answer["second"]["reachable"]
        assert OPS not in said


def test_where_there_is_no_terminal_a_password_is_a_clear_error(lab: Lab) -> None:
    with asking(lab):
        ran = alone(lab.config_path, "status")
        assert ran.returncode == UNREACHABLE
        assert "could not become root with sudo" in ran.stdout


def test_nothing_given_is_a_refusal(lab: Lab) -> None:
    with asking(lab):
        child = at_terminal(lab.config_path, "status")
        for _ in HOSTS:
            child.expect_exact("[sudo] password for op: ")
            child.sendline("")
        code, said = end(child)
        assert code == UNREACHABLE
        assert "no password was given" in " ".join(said.split())


def test_an_unknown_host_key_is_shown_and_asked_about(lab: Lab, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    config = config_with(lab, tmp_path, known)
    assert alone(config, "status").returncode == UNREACHABLE
    assert not known.exists()
    child = at_terminal(config, "status")
    for host in HOSTS:
        child.expect(r"ssh-ed25519, fingerprint (SHA256:\S+)\s")
        assert isinstance(child.match, re.Match)
        assert child.match[1] == fingerprint(lab, host)
        child.expect_exact("Type yes to go on: ")
        child.sendline("no" if host == "second" else "yes")
    assert end(child)[0] == UNREACHABLE
    assert len(known.read_text().splitlines()) == 1
    child = at_terminal(config, "status")
    child.expect_exact(fingerprint(lab, "second"))
    child.expect_exact("Type yes to go on: ")
    child.sendline("yes")
    assert end(child)[0] == 0
    assert alone(config, "status").returncode == 0
