"""Real faults on real nodes, named unasked and repaired in the app, by its documented keys."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ejtui.lab import faults
from ejtui.lab.lab import Lab
from tests.lab.ui import scenarios


@pytest.fixture
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Journal, choices and recordings of this test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


def check(lab: Lab) -> tuple[int, dict[str, Any]]:
    """The output of `ejtui check` beside the app."""
    argv = [sys.executable, "-m", "ejtui", "--config", str(lab.config_path), "check", "--json"]
    ran = subprocess.run(argv, capture_output=True, timeout=120, check=False)
    return ran.returncode, json.loads(ran.stdout)


def accounts(lab: Lab, host: str) -> list[str]:
    return (
        lab.run(host, ["ejabberdctl", "registered_users", "chat.example"]).stdout.decode().split()
    )


@pytest.mark.parametrize(("code", "columns", "rows"), scenarios.FAULTS_TESTED)
def test_a_fault_is_named_unasked_and_repaired_by_keys_alone(
    fresh_lab: Lab, own_state: Path, code: str, columns: int, rows: int
) -> None:
    fault = faults.make(code, lab=fresh_lab)
    with scenarios.app(fresh_lab, own_state, columns, rows) as screen:
        scenarios.repair(screen, code)
        screen.keys("f")
        text = screen.until(
            f"{'healthy' if fault.needs_joined else 'not joined'}: every layer was looked at"
        )
        assert f"✓ {code} is repaired" in text
        screen.keys("Escape")
        screen.until("? help")
        scenarios.leave(screen)
    status, seen = check(fresh_lab)
    assert (status, seen["findings"]) == (0, [])
    first, second = (set(accounts(fresh_lab, host)) for host in ("first", "second"))
    assert len(first) >= 25
    assert second == (first if fault.needs_joined else {"guest"})


@pytest.mark.catalogue
def test_a_repair_that_uses_erl_shows_it_and_can_be_stopped_and_gone_on_with(
    fresh_lab: Lab, own_state: Path
) -> None:
    faults.make("schema-ram", lab=fresh_lab)
    with scenarios.app(fresh_lab, own_state, 80, 24) as screen:
        scenarios.find(screen, "schema-ram")
        screen.keys("Enter")
        screen.until("Repair schema-ram on second?")
        screen.keys("y")
        screen.until("Set second's own database aside?")
        screen.keys("y")
        screen.until(lambda text: "erl on second: ejtui is typing" in text and ")1>" in text)
        screen.keys("Escape")
        screen.until("Stop what is running?")
        screen.keys("y")
        screen.until("repair of schema-ram: stopped")
        screen.keys("Home")
        screen.keys("a")
        screen.until("joined, both nodes agree")
        screen.until(scenarios.healthy)
    assert len(accounts(fresh_lab, "second")) == 25


def test_a_failed_step_leads_straight_to_its_finding(fresh_lab: Lab, own_state: Path) -> None:
    with scenarios.app(fresh_lab, own_state, 80, 24) as screen:
        screen.until(scenarios.healthy)
        assert "next: 2 Magic cookies" in screen.text.splitlines()[0]
        faults.make("epmd-unreachable", lab=fresh_lab)
        screen.keys("a")
        screen.until("Something went wrong")
        screen.keys("f")
        screen.until("» error   epmd-unreachable")
        screen.until(" epmd-unreachable on first ")
        screen.keys("Escape")
        screen.until(lambda text: scenarios.named(text, "epmd-unreachable"))


def test_what_breaks_while_the_app_looks_on_is_found_unasked(
    fresh_lab: Lab, own_state: Path
) -> None:
    with scenarios.app(fresh_lab, own_state, 120, 40) as screen:
        screen.until(scenarios.healthy)
        faults.make("cookie-mode", lab=fresh_lab)
        screen.until(lambda text: scenarios.named(text, "cookie-mode"))
        cookie = f"{fresh_lab.form.home('second')}/.erlang.cookie"
        fresh_lab.run("second", ["chmod", "400", cookie])
        screen.keys("r")
        screen.until(scenarios.healthy)


@pytest.mark.catalogue
def test_a_repair_that_is_not_agreed_to_changes_nothing(fresh_lab: Lab, own_state: Path) -> None:
    faults.make("partitioned", lab=fresh_lab)
    before = {host: set(accounts(fresh_lab, host)) for host in ("first", "second")}
    with scenarios.app(fresh_lab, own_state, 120, 40) as screen:
        scenarios.find(screen, "partitioned")
        screen.keys("m")
        screen.until("Repair partitioned on ")
        screen.keys("y")
        screen.until("Give up what changed on second since the nodes parted?")
        assert "while_apart_on_second" in screen.text
        screen.keys("Enter")
        screen.until("answered No: Give up what changed on second")
        screen.until(lambda text: scenarios.named(text, "partitioned"))
        scenarios.leave(screen)
    assert {host: set(accounts(fresh_lab, host)) for host in ("first", "second")} == before
