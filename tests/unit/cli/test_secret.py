"""Secrets typed at the terminal: no echo, whatever happens; nobody asked where there is none."""

from __future__ import annotations

import subprocess
import sys
import termios

import pexpect
import pytest

from ejtui.cli.password_prompt import prompt_of
from ejtui.hosts import SecretQuestion
from tests.patience import SECONDS

_ASK = """
import asyncio, sys
from ejtui.cli import interrupt
from ejtui.cli.password_prompt import secrets_asker
from ejtui.hosts import SecretQuestion
asks = secrets_asker()
if asks is None:
    sys.exit("nobody can be asked")
question = SecretQuestion("first", "op@h", "sudo", "[sudo] password for op:", 2)
try:
    answer = interrupt.run(asks(question))
except interrupt.Interrupted:
    print("interrupted")
else:
    print("answer", None if answer is None else [hex(ord(c)) for c in answer])
"""
PROMPT = "first (op@h), sudo, attempt 2 of 3: [sudo] password for op: "


@pytest.fixture(autouse=True)
def _terminal_without_replies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The terminal of pexpect replies to nothing, and need not be waited for."""
    monkeypatch.setenv("TERM", "dumb")


def asking() -> pexpect.spawn[str]:
    child = pexpect.spawn(sys.executable, ["-c", _ASK], encoding="utf-8", timeout=SECONDS)
    child.expect_exact(PROMPT)
    return child


def echoes(child: pexpect.spawn[str]) -> bool:
    return bool(termios.tcgetattr(child.fileno())[3] & termios.ECHO)


@pytest.mark.parametrize("word", ["secret", "pä ss'\\\"", "x" * 200])
def test_what_is_typed_is_not_shown(word: str) -> None:
    child = asking()
    assert not echoes(child)
    child.sendline(word)
    child.expect(pexpect.EOF)
    said = child.before or ""
    assert f"answer {[hex(ord(letter)) for letter in word]}" in said
    assert word not in said


@pytest.mark.parametrize("keys", ["\r", "\x04"])
def test_nothing_typed_is_a_no(keys: str) -> None:
    child = asking()
    child.send(keys)
    child.expect_exact("answer None")


def test_an_interrupt_leaves_the_terminal_as_it_was() -> None:
    child = asking()
    child.send("half")
    child.sendintr()
    child.expect_exact("interrupted")
    assert echoes(child)
    child.expect(pexpect.EOF)


def test_the_terminal_is_asked_wherever_input_and_output_go() -> None:
    line = f"{sys.executable} -c '{_ASK}' </dev/null 2>/dev/null | cat"
    child = pexpect.spawn("/bin/sh", ["-c", line], encoding="utf-8", timeout=SECONDS)
    child.expect_exact(PROMPT)
    child.sendline("ok")
    child.expect_exact("answer ['0x6f', '0x6b']")


def test_without_a_terminal_nobody_is_asked() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _ASK], start_new_session=True, capture_output=True, timeout=60
    )
    assert (ran.returncode, ran.stderr) == (1, b"nobody can be asked\n")


def test_what_a_host_says_cannot_act_on_the_terminal() -> None:
    asked = prompt_of(SecretQuestion("first", "op@h", "sudo", "\x1b]0;x\x07Password:", 1))
    assert asked == "first (op@h), sudo: \\x1b]0;x\\x07Password: "
