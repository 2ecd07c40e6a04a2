"""What the app writes to terminals that show less: few colours or none, no UTF-8, no mouse."""

from __future__ import annotations

import os
import re
import shlex
import sys
import time
from functools import partial
from pathlib import Path

import pexpect
import pytest

from tests import patience
from tests.lab.ui.tmux import Tmux

NOBODY = """
first = "one"
second = "two"
[nodes.one]
address = "127.0.0.1"
port = 1
[nodes.two]
address = "127.0.0.1"
port = 2
"""
COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?(3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]")
LIGHT, DARK = "48;2;251;251;249", "48;2;18;22;28"
"""The two themes' backgrounds, as true colours."""
MORE_THAN_16 = re.compile(rb"\x1b\[[0-9;]*[34]8;[25];")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A pair of which nobody answers."""
    path = tmp_path / "config.toml"
    path.write_text(NOBODY)
    return path


def _written(config: Path, *options: str, **environ: str) -> bytes:
    """What the app has written once it shows that neither node is reached, and has been left."""
    keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    argv = ["-m", "ejtui", "--config", str(config), *options]
    settings = {"LANG": "C.UTF-8", "TERM": "xterm-256color", **keep, **environ}
    child: pexpect.spawn[bytes] = pexpect.spawn(
        sys.executable, argv, env=settings, dimensions=(24, 80), timeout=patience.SECONDS
    )
    child.expect_exact(b"not reached")
    written = bytes(child.before or b"")
    child.send(b"q")
    child.expect(pexpect.EOF)
    written += bytes(child.before or b"")
    child.close()
    assert child.exitstatus == 0, written
    return written


def test_true_colours_where_the_terminal_has_them(config: Path) -> None:
    assert MORE_THAN_16.search(_written(config, COLORTERM="truecolor"))


def test_only_its_own_sixteen_colours_where_it_has_no_more(config: Path) -> None:
    written = _written(config, TERM="xterm")
    assert COLOUR.search(written)
    assert not MORE_THAN_16.search(written)


def test_no_colour_at_all_where_none_is_wanted(config: Path) -> None:
    assert not COLOUR.search(_written(config, NO_COLOR="1", COLORTERM="truecolor"))


def test_nothing_but_ascii_where_utf8_is_missing(config: Path) -> None:
    assert _written(config, LANG="C", LC_ALL="C").isascii()


def test_the_mouse_is_left_to_the_terminal_on_request(config: Path) -> None:
    assert b"\x1b[?1000h" not in _written(config, "--no-mouse")
    assert b"\x1b[?1000h" in _written(config)


def _gnu_screen(directory: Path) -> dict[str, str]:
    """The environment for a GNU screen of the test's own, which ends with its terminal."""
    settings = directory / "screenrc"
    settings.write_text("autodetach off\nstartup_message off\n")
    return {"SCREENDIR": str(directory / "screens"), "SCREENRC": str(settings)}


def test_within_gnu_screen_no_more_is_written_than_it_shows(config: Path) -> None:
    written = _written(config, TERM="screen", STY="1.test", COLORTERM="truecolor")
    assert COLOUR.search(written)
    assert not MORE_THAN_16.search(written)
    assert b"\x1b[?1000h" not in written


def test_within_gnu_screen_escape_is_heard(config: Path, tmp_path: Path) -> None:
    argv = ["screen", "-U", sys.executable, "-m", "ejtui", "--config", str(config)]
    with Tmux(tmp_path, argv, 80, 24, _gnu_screen(tmp_path)) as screen:
        screen.until("not reached")
        # Not F1: its sequence begins as Escape does, and GNU screen may pass it on in two pieces.
        screen.keys("l")
        screen.until("Esc closes")
        screen.keys("Escape")
        screen.until(lambda text: "Esc closes" not in text and "not reached" in text)
        screen.keys("q")
        screen.until("screen is terminating")


@pytest.mark.parametrize("within", [(), ("screen", "-U")])
def test_what_is_copied_arrives_in_the_terminals_clipboard(
    config: Path, tmp_path: Path, within: tuple[str, ...]
) -> None:
    argv = [*within, sys.executable, "-m", "ejtui", "--config", str(config)]
    with Tmux(tmp_path, argv, 80, 24, _gnu_screen(tmp_path)) as screen:
        screen.take_copies()
        screen.until("not reached")
        screen.keys("1")
        screen.until("1 Preflight")
        screen.keys("c")
        screen.until(lambda _text: screen.taken("The documented step is "))
        if within:
            # GNU screen may outlive its terminal.
            screen.keys("q")
            screen.until("screen is terminating")


def test_the_terminal_is_as_it_was_after_leaving(config: Path) -> None:
    written = _written(config)
    assert written.rindex(b"\x1b[?1049l") > written.rindex(b"\x1b[?1049h")
    assert b"\x1b[?25h" in written


@pytest.mark.parametrize("exported", [{}, {"COLUMNS": "80", "LINES": "24"}])
def test_many_resizes_leave_a_whole_screen(
    config: Path, tmp_path: Path, exported: dict[str, str]
) -> None:
    argv = [sys.executable, "-m", "ejtui", "--config", str(config)]
    with Tmux(tmp_path, argv, 120, 40, exported) as screen:
        screen.until("not reached")
        for columns, rows in ((80, 24), (60, 20), (200, 50), (40, 12), (100, 30)):
            screen.resize(columns, rows)
            screen.until(partial(_whole, rows))


def _whole(rows: int, text: str) -> bool:
    shown = text.rstrip("\n").splitlines()
    return len(shown) == rows and "q quit" in shown[-1]


def test_a_terminal_that_goes_away_ends_the_app(config: Path, tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "ejtui", "--config", str(config)]
    with Tmux(tmp_path, argv, 80, 24) as screen:
        screen.until("not reached")
        [app] = screen.children
    end = time.monotonic() + patience.SECONDS
    while Path(f"/proc/{app}").exists():
        assert time.monotonic() < end, "the app still runs, without a terminal"
        time.sleep(0.05)


@pytest.mark.parametrize("option", [(), ("--no-bell",)])
def test_the_title_shows_the_pair_and_is_as_before_after_leaving(
    config: Path, tmp_path: Path, option: tuple[str, ...]
) -> None:
    argv = [sys.executable, "-m", "ejtui", "--config", str(config), *option]
    with Tmux(tmp_path, argv, 80, 24) as screen:
        screen.plant("before")
        screen.until("not reached")
        assert ("ejtui: one, two" in screen.told) is (not option)
        screen.keys("q")
        screen.until("ended with 0")
        assert "ejtui" not in screen.told


@pytest.mark.parametrize(
    ("background", "options", "shown"),
    [
        ("#ffffff", (), LIGHT),
        ("#ffffff", ("--theme", "dark"), DARK),
        ("", (), DARK),
    ],
)
def test_the_theme_goes_by_the_background_or_by_the_option(
    config: Path, tmp_path: Path, background: str, options: tuple[str, ...], shown: str
) -> None:
    argv = [sys.executable, "-m", "ejtui", "--config", str(config), *options]
    waits = f"while [ ! -e {tmp_path}/go ]; do sleep 0.05; done; exec"
    argv = ["sh", "-c", f"{waits} {shlex.join(argv)}"]
    with Tmux(tmp_path, argv, 80, 24) as screen:
        if background:
            screen.colour(background)
        (tmp_path / "go").touch()
        screen.until("not reached")
        screen.until(lambda _text: shown in screen.styled)
        assert (LIGHT if shown == DARK else DARK) not in screen.styled


def test_a_reply_that_comes_late_and_in_pieces_is_no_key(config: Path, tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "ejtui", "--config", str(config)]
    env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    child: pexpect.spawn[bytes] = pexpect.spawn(
        argv[0], argv[1:], env=env, dimensions=(24, 80), timeout=patience.SECONDS
    )
    child.expect_exact(b"not reached")
    child.send(b"\x1b]11;rgb:ffff/ff")
    child.send(b"ff/ffff\x1b\\")
    child.expect_exact(b"48;2;251;251;249")
    child.send(b"q")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
