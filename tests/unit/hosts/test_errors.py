"""Errors are one clear message each, safe to print."""

from __future__ import annotations

import stat
from pathlib import Path

from ejtui.hosts.errors import CommandFailed, CommandTimedOut, HostKeyUnknown, ShownKey, printable
from ejtui.hosts.ssh.known_hosts import remember


def test_a_failed_command_names_host_command_code_and_complaint() -> None:
    error = CommandFailed("first", "op@h", ["cat", "a b"], 3, b"no such\x1b[31m file\n")
    assert str(error) == (
        "first (op@h): `cat 'a b'` ended with code 3: no such [31m file. "
        "Run it there by hand to see more."
    )
    assert (error.code, error.stderr, error.command) == (3, "no such [31m file", "cat 'a b'")


def test_a_long_argument_is_shortened() -> None:
    assert len(CommandTimedOut("f", "h", ["sh", "-c", "x" * 9000], 1.5).command) < 200


def test_nothing_that_a_terminal_obeys_is_shown() -> None:
    shown = printable(b"\x1b]0;title\x07a\r\n\n\x9b31mb\xff\x00")
    assert shown.replace("\n", "").isprintable()
    assert shown.count("\n") == 1


def test_an_accepted_key_is_remembered_once_per_line(tmp_path: Path) -> None:
    file = tmp_path / "new" / "known_hosts"
    error = HostKeyUnknown(
        *("first", "h", ShownKey("ssh-ed25519", "SHA256:x")),
        known_hosts_line="h ssh-ed25519 AAA\n",
        file=str(file),
    )
    remember(error)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("other ssh-rsa BBB")  # torn: no newline at its end
    remember(error)
    assert file.read_text() == "other ssh-rsa BBB\nh ssh-ed25519 AAA\n"
    assert "SHA256:x" in str(error)
    assert str(file) in error.next_action
