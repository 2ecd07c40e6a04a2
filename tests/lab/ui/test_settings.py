"""The settings screen on a real terminal, between two real nodes whose ejabberd.yml differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from ejtui.lab.faults.node import second
from ejtui.lab.lab import Lab
from tests.lab.ui import scenarios

FILE = "/etc/ejabberd/ejabberd.yml"
DIFFERENT = """
sed -i 's/max_user_sessions: 10/max_user_sessions: 11/' "$1"
printf 'auth_method: anonymous\\n' >>"$1"
"""


@pytest.fixture
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Journal, choices and recordings of this test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


def test_firsts_value_is_taken_and_seconds_is_kept_by_keys_alone(
    fresh_lab: Lab, own_state: Path
) -> None:
    node = second(fresh_lab)
    text = node.run("cat", FILE)
    node.script(DIFFERENT, FILE)
    node.ctl("reload_config")
    node.until('ejabberd_option:auth_method(<<"chat.example">>) =:= [anonymous]')
    with scenarios.app(fresh_lab, own_state, 80, 24) as screen:
        screen.until("e settings")
        screen.keys("e")
        shown = screen.until("2 differences between the two ejabberd.yml")
        assert "An account of first's cannot log in on second." in shown
        screen.keys("Down", "k")
        screen.until(lambda text: "as you have decided" in text)
        screen.keys("Up", "Space", "Enter")
        shown = screen.until("Give auth_method first's values")
        assert "-auth_method: anonymous" in shown
        screen.keys("y")
        screen.until("second's ejabberd.yml has first's auth_method; 1 difference left")
        screen.until("1 difference between the two ejabberd.yml")
        screen.keys("Escape")
        screen.until("? help")
        scenarios.leave(screen)
    assert node.run("cat", FILE) == text.replace("max_user_sessions: 10", "max_user_sessions: 11")
    with scenarios.app(fresh_lab, own_state, 120, 40) as screen:
        screen.until("e settings")
        screen.keys("e")
        shown = screen.until("1 difference between the two ejabberd.yml")
        assert "Second keeps its own value, as you have decided." in shown
        screen.keys("Escape")
        screen.until("? help")
        scenarios.leave(screen)


@pytest.mark.catalogue
def test_another_value_is_written_in_the_editor(fresh_lab: Lab, own_state: Path) -> None:
    node = second(fresh_lab)
    text = node.run("cat", FILE)
    node.script("sed -i 's/max_user_sessions: 10/max_user_sessions: 11/' \"$1\"", FILE)
    node.ctl("reload_config")
    with scenarios.app(fresh_lab, own_state, 80, 24) as screen:
        screen.until("e settings")
        screen.keys("e")
        screen.until("1 difference between the two ejabberd.yml")
        screen.keys("v")
        shown = screen.until("shaper_rules in second's ejabberd.yml")
        assert "max_user_offline_messages: 100" in shown
        screen.keys("BSpace", "BSpace", "BSpace", ":", "C-s")
        screen.until("it is no YAML")
        screen.keys("BSpace", "2", "0", "0", "C-s")
        shown = screen.until("Set shaper_rules in")
        assert "+  max_user_offline_messages: 200" in shown
        screen.keys("n")
        shown = screen.until("answered No: Set shaper_rules in")
        assert "max_user_offline_messages: 200" in shown, "what was written is there still"
        screen.keys("C-s")
        screen.until("Other lines stay as they are")
        screen.keys("y")
        screen.until("has your shaper_rules; 1 difference left", 60)
        screen.until("1 difference between the two ejabberd.yml")
        screen.keys("Escape")
        screen.until("? help")
        scenarios.leave(screen)
    text = text.replace("max_user_sessions: 10", "max_user_sessions: 11")
    assert node.run("cat", FILE) == text.replace("messages: 100", "messages: 200")
