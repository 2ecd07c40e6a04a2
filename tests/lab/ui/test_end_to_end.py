"""The app on real nodes, in a real terminal, by its documented keys."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ejtui.cluster.join.steps import STEPS
from ejtui.lab.lab import Lab
from tests.lab.ui import scenarios
from tests.lab.ui.tmux import Tmux


@pytest.fixture
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Journal, choices and recordings of this test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


def _inside(lab: Lab, host: str, *words: str) -> list[str]:
    return lab.run(host, ["ejabberdctl", *words]).stdout.decode().split()


@pytest.mark.parametrize(("columns", "rows"), scenarios.SIZES_TESTED)
def test_from_two_nodes_to_one_cluster_and_back_by_keys_alone(
    fresh_lab: Lab, own_state: Path, columns: int, rows: int
) -> None:
    with scenarios.app(fresh_lab, own_state, columns, rows) as screen:
        scenarios.join(screen)
        scenarios.look_at_tables(screen)
        _is_one_cluster(fresh_lab)
        screen.keys("u")
        screen.until("Roll second back to")
        screen.keys("y")
        screen.until("roll back: done")
        screen.until("next: 2 Magic cookies")
        scenarios.leave(screen)
    assert _inside(fresh_lab, "second", "registered_users", "chat.example") == ["guest"]


def _is_one_cluster(fresh_lab: Lab) -> None:
    for host in ("first", "second"):
        assert {"ejabberd@first", "ejabberd@second"} <= set(
            _inside(fresh_lab, host, "list_cluster")
        )
    accounts = _inside(fresh_lab, "second", "registered_users", "chat.example")
    assert len(accounts) == 25
    assert "guest" not in accounts


@pytest.mark.parametrize(("columns", "rows"), scenarios.SIZES_TESTED)
def test_typing_into_the_shell_makes_ejtui_stand_aside_until_it_is_handed_back(
    fresh_lab: Lab, own_state: Path, columns: int, rows: int
) -> None:
    with scenarios.app(fresh_lab, own_state, columns, rows) as screen:
        _run_each_step_until(screen, "next: 8 Tables")
        screen.keys("Enter", "Tab", "Tab")
        screen.until("Your keys go to erl")
        screen.keys("1", "+", "1", ".", "Enter")
        # While both nodes are asked the header shows that, for a moment.
        text = screen.until(
            lambda text: (
                _answered_two(text)
                and "you are typing" in text
                and "waits for you" in text.splitlines()[0]
            )
        )
        assert "F2 or Ctrl+] hands the shell back" in text.splitlines()[-1]
        screen.keys("F2")
        screen.until("9 Leave the erl")


def _answered_two(text: str) -> bool:
    return re.search(r"1\+1\.[ │┃]*\n(.*[│┃])?2[ │┃]*$", text, re.MULTILINE) is not None


def _run_each_step_until(screen: Tmux, wanted: str) -> None:
    """Enter runs the current step; the question is answered with yes."""
    text = screen.until("next: ")
    while wanted not in text:
        screen.keys("Enter")
        if "next: 2 " in text:
            screen.until("Replace second's cookie?")
            screen.keys("y")
        if "next: 5 " in text:
            screen.until("guest@chat.example")
            screen.keys("y")
        now = _next(text)
        text = screen.until(lambda text, now=now: _next(text) not in ("", now))  # type: ignore[misc]


def _next(text: str) -> str:
    """The step that the first line shows as next."""
    return text.partition("next: ")[2].partition("\n")[0].strip()


@pytest.mark.catalogue
def test_a_refused_question_changes_nothing(fresh_lab: Lab, own_state: Path) -> None:
    before = _inside(fresh_lab, "second", "registered_users", "chat.example")
    with scenarios.app(fresh_lab, own_state, 80, 24) as screen:
        screen.until("next: 2 Magic cookies")
        screen.keys("a")
        screen.until("guest@chat.example")
        screen.keys("Enter")
        screen.until("the join: answered No: ")
        screen.until("next: 2 Magic cookies")
        scenarios.leave(screen)
    assert _inside(fresh_lab, "second", "registered_users", "chat.example") == before == ["guest"]


@pytest.mark.catalogue
def test_a_killed_app_goes_on_from_where_the_nodes_stand(fresh_lab: Lab, own_state: Path) -> None:
    with scenarios.app(fresh_lab, own_state, 120, 40) as screen:
        _run_each_step_until(screen, "next: 7 Synchronise")
        [app] = screen.children
        os.kill(app, signal.SIGKILL)
        screen.until("ended with 137")
    (own_state / "again").mkdir()
    with scenarios.app(fresh_lab, own_state / "again", 120, 40) as screen:
        screen.until(f"of {len(STEPS)} done")
        screen.keys("a")
        screen.until("joined, both nodes agree")


def test_a_second_ejtui_watches_and_cannot_start_a_step(fresh_lab: Lab, own_state: Path) -> None:
    with scenarios.app(fresh_lab, own_state, 80, 24) as screen:
        screen.until("next: 2 Magic cookies")
        screen.keys("a")
        screen.until("guest@chat.example")
        (own_state / "watcher").mkdir()
        with scenarios.app(fresh_lab, own_state / "watcher", 120, 40) as watcher:
            watcher.until("is changing this pair since")
            assert "magic cookies" in watcher.text.splitlines()[0]
            watcher.keys("a")
            watcher.until(lambda text: "Run on: " in text.splitlines()[-1])
            assert "is changing this pair since" in watcher.text.splitlines()[-1]
        screen.keys("n")
        screen.until("the join: answered No: ")


@pytest.mark.catalogue
def test_a_table_becomes_another_copy_after_a_join(fresh_lab: Lab, own_state: Path) -> None:
    with scenarios.app(fresh_lab, own_state, 80, 24) as screen:
        scenarios.join(screen)
        screen.keys("t")
        screen.until("only differences")
        screen.type("/muc_room")
        screen.keys("Enter")
        screen.until("tables 1 of")
        screen.keys("Enter")
        screen.until("Which copy will second hold?")
        screen.keys("1")
        screen.until("Change second's copy of muc_room?")
        screen.keys("y")
        screen.until(
            lambda text: re.search(r"≠»muc_room +RAM and disc copy +RAM copy ", text) is not None
        )
        screen.keys("Escape")
        screen.until("? help")
        scenarios.leave(screen)
    status = subprocess.run(
        [sys.executable, "-m", "ejtui", "--config", str(fresh_lab.config_path), "status", "--json"],
        capture_output=True,
        timeout=120,
        check=True,
    )
    assert json.loads(status.stdout)["second"]["tables"]["muc_room"] == "ram_copies"


def test_what_is_idle_costs_no_bytes(lab: Lab, own_state: Path) -> None:
    from tests.lab.ui.pty_bytes import written_while_idle

    assert written_while_idle(lab, 5.0) == b""


def test_a_host_that_is_gone_says_so_on_its_panel(own_state: Path) -> None:
    config = own_state / "config.toml"
    config.write_text(
        'first = "one"\nsecond = "two"\n[nodes.one]\naddress = "127.0.0.1"\nport = 1\n'
        '[nodes.two]\naddress = "no-such-host.invalid"\n'
    )
    argv = [sys.executable, "-m", "ejtui", "--config", str(config)]
    with Tmux(own_state, argv, 100, 30) as screen:
        text = screen.until(lambda text: text.count("✗ not reached") == 2)
        assert "not reached" in text.splitlines()[0]
        screen.keys("a")
        screen.until("Run on: one: not reached")
        scenarios.leave(screen)
