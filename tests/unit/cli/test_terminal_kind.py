"""Terminals that cannot show the app are refused at once, with what to use."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pexpect
import pytest

from ejtui.cli.terminal_kind import why_not
from tests.patience import SECONDS

PAIR = """
first = "a"
second = "b"
[nodes.a]
address = "127.0.0.1"
port = 1
[nodes.b]
address = "127.0.0.1"
port = 1
"""


@pytest.mark.parametrize("kind", ["dumb", "unknown", "emacs", "network"])
def test_no_screen(kind: str) -> None:
    assert why_not({"TERM": kind}) == f"TERM={kind}"


def test_nothing_is_known() -> None:
    assert why_not({}) == why_not({"TERM": ""}) == "TERM is not set"


@pytest.mark.parametrize("kind", ["xterm", "xterm-256color", "screen", "linux", "xterm-new-one"])
def test_screens(kind: str) -> None:
    assert why_not({"TERM": kind}) == ""


@pytest.mark.parametrize("term", ["dumb", ""])
@pytest.mark.parametrize("arguments", [(), ("setup",), ("lab",)])
@pytest.mark.parametrize("configured", [True, False])
def test_the_app_is_refused(
    tmp_path: Path, term: str, arguments: tuple[str, ...], configured: bool
) -> None:
    config = tmp_path / "config.toml"
    if configured:
        config.write_text(PAIR)
    keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    state = {"XDG_STATE_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    child: pexpect.spawn[str] = pexpect.spawn(
        sys.executable,
        ["-m", "ejtui", "--config", str(config), *arguments],
        env={**keep, **state, **({"TERM": term} if term else {})},
        encoding="utf-8",
        timeout=SECONDS,
    )
    child.expect(pexpect.EOF)
    said = child.before or ""
    child.close()
    assert child.exitstatus == 2
    assert "this terminal cannot show the app" in said
    assert "`ejtui --config" in said
    assert "TERM=xterm-256color" in said
    assert "Traceback" not in said
    assert "\x1b" not in said
