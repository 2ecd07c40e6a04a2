"""Host keys in known_hosts: found line by line, added hashed or plain."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import asyncssh
import pytest

from ejtui.config import HostConfig
from ejtui.hosts.errors import HostKeyChanged, HostKeyUnknown, KnownKey
from ejtui.hosts.ssh.host_keys import hashed, known_hosts_files, known_keys, refusal
from ejtui.hosts.ssh.settings import read_settings

KEY = asyncssh.generate_private_key("ssh-ed25519")
OTHER = asyncssh.generate_private_key("ssh-ed25519")


def public(key: asyncssh.SSHKey) -> str:
    return " ".join(key.export_public_key("openssh").decode().split()[:2])


def test_each_line_that_knows_a_host(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text(
        f"# a comment\n\nh.example {public(OTHER)}\n{hashed('h.example')} {public(KEY)}\n"
        f"[h.example]:2222 {public(KEY)}\nnot a line\n"
    )
    two.write_text(f"*.example,!x.example {public(KEY)}\n")
    files = [str(one), str(tmp_path / "none"), str(two)]
    new, old = KEY.get_fingerprint(), OTHER.get_fingerprint()
    assert known_keys(files, "h.example", "", 22) == (
        KnownKey(old, str(one), 3),
        KnownKey(new, str(one), 4),
        KnownKey(new, str(two), 1),
    )
    assert known_keys(files, "h.example", "", 2222) == (KnownKey(new, str(one), 5),)
    assert known_keys(files, "h.example", "", 2223) == known_keys(files, "h.example", "", 22)
    assert known_keys(files, "x.example", "", 22) == ()


def test_ssh_reads_a_hashed_name(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"{hashed('[h.example]:2222')} {public(KEY)}\n")
    assert "h.example" not in file.read_text()
    find = ["ssh-keygen", "-F", "[h.example]:2222", "-f", str(file)]
    assert public(KEY) in subprocess.run(find, capture_output=True, check=True).stdout.decode()


@pytest.mark.parametrize("match", ["Host h.example", "Match host h.example", ""])
@pytest.mark.parametrize("hashes", ["yes", "no"])
def test_a_new_one_is_hashed_where_ssh_would(tmp_path: Path, match: str, hashes: str) -> None:
    settings = tmp_path / "ssh_config"
    settings.write_text(f"{match}\nHashKnownHosts {hashes}\nHost *\nHashKnownHosts yes\n")
    config = HostConfig("first", "h.example", ssh_config=str(settings))
    assert read_settings(config).get("HashKnownHosts") == (hashes == "yes")
    peer = ("h.example", "", 22)
    none = str(tmp_path / "none")
    error = refusal(config, "op@h.example", KEY, peer, [none], hashes=hashes == "yes")
    assert isinstance(error, HostKeyUnknown)
    assert error.known_hosts_line.startswith("|1|" if hashes == "yes" else "h.example ssh-ed25519 ")
    assert error.known_hosts_file == none
    assert (error.algorithm, error.fingerprint) == ("ssh-ed25519", KEY.get_fingerprint())


def test_a_changed_one_names_both_keys_and_the_line(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"#\nh.example {public(OTHER)}\n")
    config = HostConfig("first", "h.example")
    error = refusal(config, "op@h.example", KEY, ("h.example", "", 22), [str(file)], hashes=True)
    assert isinstance(error, HostKeyChanged)
    for part in (KEY.get_fingerprint(), f"{file} line 2 has {OTHER.get_fingerprint()}"):
        assert part in error.what
    assert f"line 2 from {file}" in error.next_action


def test_a_new_key_belongs_to_the_user_and_not_to_the_system() -> None:
    config = HostConfig("first", "h.example")
    mine = os.path.expanduser("~/.ssh/known_hosts")  # noqa: PTH111 - as the settings write it
    assert known_hosts_files(config, ())[0] == mine
    assert known_hosts_files(config, [])[0] == mine
    assert known_hosts_files(config, ["~/.ssh/work"])[0] == mine.replace("known_hosts", "work")
    assert "/etc/ssh/ssh_known_hosts" in known_hosts_files(config, ["~/.ssh/work"])
    given = HostConfig("first", "h.example", known_hosts="/k")
    assert known_hosts_files(given, ["~/.ssh/work"]) == ["/k"]
