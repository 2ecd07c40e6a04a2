"""ssh's settings, read as ssh reads them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ejtui.config import HostConfig
from ejtui.hosts.ssh.settings import read_settings

# How ssh calls what it shows of a host, by asyncssh's name for it.
SHOWN = {"Hostname": "hostname", "Port": "port", "User": "user", "ProxyJump": "proxyjump"}


def read(text: str, directory: Path, address: str = "h.example") -> dict[str, str]:
    file = directory / "ssh_config"
    file.write_text(text)
    settings = read_settings(HostConfig("first", address, ssh_config=str(file)))
    return {name: str(settings.get(name)) for name in SHOWN if settings.get(name) is not None}


def as_ssh_reads(directory: Path, address: str = "h.example") -> dict[str, str]:
    argv = ["ssh", "-G", "-F", str(directory / "ssh_config"), address]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    shown = dict(line.split(" ", 1) for line in said.splitlines() if " " in line)
    return {name: shown[word] for name, word in SHOWN.items() if word in shown}


@pytest.mark.parametrize(
    "text",
    [
        "Host h.example # mine\n  Port 2222 # theirs\n  User=op\n  HostName = %h.net\n",
        'Host "h.example" other\n\tPort\t"23"\n\tUser "a b"\nHost *\n  Port 24\n  ProxyJump j\n',
        "Host !h.example *\n  Port 1\nHost h.* !x\n  Port 25\n  User one\n  User two\n",
        "Match host h.example exec \"test '%n:%p' = h.example:26\"\n  User yes\n"
        "Host *\n  Port 26\n",
        "Host *\n  Port 26\n"
        "Match host h.example exec \"test '%n:%p' = h.example:26\"\n  User yes\n",
        "Match exec false\n  Port 1\nMatch !exec false\n  Port 27\n",
        "Host h.example\n  HostName other\nMatch host other\n  Port 28\n"
        "Match originalhost h.example\n  User op\nMatch host h.example\n  User wrong\n",
        "Host h.example\n  Port 29\nMatch final host h.example\n  Port 1\n  User late\n",
        "Match final\n  ProxyJump j\n",
        "Host x\n  Include INCLUDED/*\nHost h.example\n  Include INCLUDED/*\n  User after\n",
        "Host *\n  Include INCLUDED/b INCLUDED/a\n",
        "Host *\n  Include INCLUDED/none\n  Port 30\n",
        "  # only\n\n\tPort 31\n#Port 32\n",
    ],
)
def test_the_same_as_ssh_itself(tmp_path: Path, text: str) -> None:
    included = tmp_path / "included"
    included.mkdir()
    (included / "b").write_text("Port 40\nHost x\n  User no\n")
    (included / "a").write_text("Host h.example\n  Port 41\nHost no\n  User no\n")
    (included / "c").write_text("User last\n")
    mine = read(text.replace("INCLUDED", str(included)), tmp_path)
    theirs = as_ssh_reads(tmp_path)
    assert mine
    assert {name: theirs.get(name) for name in mine} == mine
    defaults = {"Hostname": "h.example", "Port": "22"}
    for name, value in theirs.items():
        assert mine.get(name, defaults.get(name, value)) == value
    assert ("User" in mine) == (theirs["User"] != as_nobody(tmp_path))


def as_nobody(directory: Path) -> str:
    """The user where no file sets one."""
    (directory / "ssh_config").write_text("")
    return as_ssh_reads(directory)["User"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('Match exec "test %Q"\n', "line 2: Match exec has no value for %Q"),
        ("Match nonsense x\n", "line 2: Invalid match condition nonsense"),
        ("Port\n", "line 2: Missing Port value"),
        ("Port many\n", "line 2: Invalid Port integer value"),
        ("Port 1 2\n", "line 2: Extra data at end: 2"),
        ('User "torn\n', "line 2: No closing quotation"),
        ("Include SELF\n", "it includes itself"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ValueError, match="ssh_config") as caught:
        read("# mine\n" + text.replace("SELF", str(tmp_path / "ssh_config")), tmp_path)
    assert said in str(caught.value)


@pytest.mark.parametrize("only", ["yes", "no"])
def test_keys_that_are_there_are_tried_once_each(tmp_path: Path, only: str) -> None:
    for name in ("a", "b", "b.pub", "c.pub", "d.pub"):
        (tmp_path / name).touch()
    file = tmp_path / "ssh_config"
    names = [f"{tmp_path}/{name}" for name in ("a", "gone", "b", "c", "d.pub")]
    lines = [f"IdentityFile {name}\n" for name in names]
    file.write_text(
        f"IdentitiesOnly {only}\n" + "".join(lines) + f"Match final\n  IdentityFile {names[0]}\n"
    )
    settings = read_settings(HostConfig("first", "h.example", ssh_config=str(file)))
    left = ["a", "b", "c.pub", "d.pub"] if only == "yes" else ["a", "b"]
    assert settings.get("IdentityFile") == [f"{tmp_path}/{name}" for name in left]
