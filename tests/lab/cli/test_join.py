"""`ejtui join` on real nodes: to the end, again, part of the way, refused, interrupted."""

from __future__ import annotations

import hashlib
import signal

import pexpect
import pytest

from ejtui.cluster.join.steps import STEPS
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui

BOTH = ["ejabberd@first", "ejabberd@second"]


def cookie(lab: Lab, host: str) -> str:
    data = lab.run(host, ["cat", f"{lab.form.home(host)}/.erlang.cookie"]).stdout
    return hashlib.sha256(data).hexdigest()[:6]


def pids(lab: Lab) -> list[str]:
    return [lab.run(host, ["pidof", "beam.smp"]).stdout.decode() for host in ("first", "second")]


def test_nothing_is_changed_where_nobody_can_be_asked(lab: Lab) -> None:
    ejtui = Ejtui(lab)
    before = pids(lab), cookie(lab, "second")
    ran = ejtui("join")
    assert ran.returncode == 1
    assert "--yes" in ran.stderr
    assert f"{ejtui.named} plan" in ran.stderr
    code, answer = ejtui.json("join")
    assert code == 1
    assert answer["error"]["kind"] == "needs-yes"
    assert answer["steps"][0]["state"] == "done"
    assert (pids(lab), cookie(lab, "second")) == before


def test_a_second_one_is_told_who_is_at_it(lab: Lab) -> None:
    ejtui = Ejtui(lab)
    child = ejtui.on_terminal("join")
    child.expect_exact("Type yes to go on: ")
    code, answer = ejtui.json("join", "--yes")
    assert code == 1
    assert answer["error"]["kind"] == "locked"
    assert f"process {child.pid}" in answer["error"]["who"]
    assert answer["error"]["what"]
    assert answer["error"]["since"]
    child.sendline("no")
    child.expect(pexpect.EOF)
    child.close()


def test_a_broken_way_is_named_before_anything_is_changed(lab: Lab) -> None:
    ejtui = Ejtui(lab)
    before = pids(lab), cookie(lab, "second")
    rules = "add table inet t; add chain inet t i { type filter hook input priority 0; }; "
    rules += "add rule inet t i iif != lo tcp dport 4369 reject"
    lab.run("first", ["nft", rules])
    try:
        code, answer = ejtui.json("join", "--yes")
    finally:
        lab.run("first", ["nft", "delete table inet t"])
    assert code == 1
    assert [finding["code"] for finding in answer["findings"]] == ["epmd-unreachable"]
    assert answer["steps"][0]["state"] == "failed"
    assert "epmd" in answer["error"]["message"]
    assert (pids(lab), cookie(lab, "second")) == before


def test_a_person_is_asked_and_may_say_no(lab: Lab) -> None:
    ejtui = Ejtui(lab)
    child = ejtui.on_terminal("join")
    own = cookie(lab, "second")
    child.expect_exact("1 account lives on second alone: guest@chat.example")
    child.expect("its cookie [0-9a-f]+ is replaced")
    child.expect_exact("Type yes to go on: ")
    child.sendline("no")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 1
    assert cookie(lab, "second") == own, "nothing is changed before the question"
    assert ejtui.ctl("second", "registered_users", "chat.example") == ["guest"]


def test_a_join_and_the_same_again(lab: Lab) -> None:
    ejtui = Ejtui(lab)
    code, answer = ejtui.json("join", "--yes")
    assert code == 0, answer
    assert [step["id"] for step in answer["steps"]] == [step.id for step in STEPS]
    assert {step["state"] for step in answer["steps"]} == {"done"}
    assert answer["findings"] == []
    assert "error" not in answer
    assert answer["first"]["accounts"] == answer["second"]["accounts"] == 25
    assert answer["first"]["cookie_sha256"] == answer["second"]["cookie_sha256"]
    assert sorted(answer["second"]["running_db_nodes"]) == BOTH
    for host in ("first", "second"):
        assert ejtui.ctl(host, "list_cluster") == BOTH
    theirs = ejtui.ctl("second", "registered_users", "chat.example")
    assert len(theirs) == 25
    assert theirs == ejtui.ctl("first", "registered_users", "chat.example")
    assert 0 < answer["second_down_seconds"] < 300

    before = pids(lab)
    code, answer = ejtui.json("join", "--yes")
    assert code == 0
    assert {step["state"] for step in answer["steps"]} == {"done"}
    assert pids(lab) == before


def test_part_of_the_way(fresh_lab: Lab) -> None:
    ejtui = Ejtui(fresh_lab)
    ran = ejtui("join", "--until", "cookies")
    assert (ran.returncode, "Replace second's cookie?" in ran.stderr) == (1, True)
    assert cookie(fresh_lab, "second") != cookie(fresh_lab, "first")
    ran = ejtui("join", "--yes", "--until", "cookies")
    assert ran.returncode == 0, ran.stderr
    assert cookie(fresh_lab, "second") == cookie(fresh_lab, "first")
    states = ejtui.states()
    assert (states["cookies"], states["cleandb"], states["config"]) == ("done", "todo", "blocked")
    ran = ejtui("join", "--until", "cookie")
    assert ran.returncode == 2
    assert "the steps are: preflight, cookies" in ran.stderr


@pytest.mark.catalogue
def test_a_person_says_yes(fresh_lab: Lab) -> None:
    ejtui = Ejtui(fresh_lab)
    child = ejtui.on_terminal("join")
    child.expect_exact("Type yes to go on: ")
    child.sendline("yes")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0, child.before
    assert "of 35 tables" in str(child.before)
    assert len(ejtui.ctl("second", "registered_users", "chat.example")) == 25


@pytest.mark.parametrize(
    ("number", "step"),
    [
        pytest.param(signal.SIGINT, "Clean database", marks=pytest.mark.catalogue),
        (signal.SIGTERM, "Tables"),
        pytest.param(signal.SIGHUP, "Start", marks=pytest.mark.catalogue),
    ],
)
def test_an_interruption_says_where_it_stands_and_is_gone_on_from(
    fresh_lab: Lab, number: signal.Signals, step: str
) -> None:
    ejtui = Ejtui(fresh_lab)
    child = ejtui.on_terminal("join", "--yes")
    child.expect(rf"{step}  [0-9.]+ s")
    child.kill(number)
    child.expect(f"interrupted. It stopped in step [0-9]+, {step.lower()};")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    code, answer = ejtui.json("join", "--yes")
    assert code == 0, answer["error"]
    assert ejtui.ctl("second", "list_cluster") == BOTH
