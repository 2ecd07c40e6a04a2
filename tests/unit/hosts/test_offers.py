"""Hosts that ssh knows of, as they are offered."""

from __future__ import annotations

from pathlib import Path

import pytest

from ejtui.hosts.ssh.known_names import KnownName, offers


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh" / "more").mkdir(parents=True)
    return tmp_path / ".ssh"


def found(source: str) -> list[str]:
    return [offer.host for offer in offers({}) if offer.source == source]


def test_names_of_ssh_config_and_what_it_includes(ssh: Path) -> None:
    (ssh / "config").write_text(
        "# Host no\nHost one two *.wild !not t?\n  User op\nHost=three\n"
        'host "four" one\nInclude more/*.conf ~/.ssh/absent\n'
        'Match host five,*.wild,!not exec "host no" user host\n'
        "Match !host not\nMatch final originalhost eight\nMatch all\n"
    )
    (ssh / "more" / "a.conf").write_text(f"Host six\nInclude {ssh / 'config'}\n")
    (ssh / "more" / "b.txt").write_text("Host seven\n")
    names = found("ssh_config")
    assert names == ["one", "two", "three", "four", "five", "eight", "six"]


def test_names_of_known_hosts_that_are_not_hashed(ssh: Path) -> None:
    (ssh / "known_hosts").write_text(
        "a.example,192.0.2.1 ssh-ed25519 AAAA\n[b.example]:2222 ssh-rsa AAAA\n"
        "|1|abc=|def= ssh-rsa AAAA\n@revoked r.example ssh-rsa AAAA\n# c\n\n*.w ssh-rsa AAAA\n"
    )
    assert found("known_hosts") == ["a.example", "b.example:2222"]


def test_each_once_and_this_machine_last(ssh: Path) -> None:
    (ssh / "config").write_text("Host a.example\n")
    (ssh / "known_hosts").write_text("a.example ssh-rsa AAAA\n")
    assert offers({})[0] == KnownName("a.example", "ssh_config")
    assert "a.example" not in found("known_hosts")
    assert offers({})[-1] == KnownName("local", "this computer")


def test_what_cannot_be_read_offers_nothing(ssh: Path) -> None:
    (ssh / "config").write_bytes(b'Host "unclosed\nHost ok \xff\xfe\nInclude "\n')
    (ssh / "known_hosts").mkdir()
    assert "ok" in found("ssh_config")
    assert found("known_hosts") == []


def test_files_given_stand_for_sshs_own(ssh: Path, tmp_path: Path) -> None:
    (ssh / "config").write_text("Host own\n")
    (tmp_path / "other").write_text("Host given\n")
    given = {"ssh_config": str(tmp_path / "other"), "known_hosts": str(tmp_path / "none")}
    assert [offer.host for offer in offers(given)] == ["given", "local"]
