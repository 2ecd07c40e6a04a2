"""A syntax error in second's ejabberdctl.cfg, while its ejabberd runs: a join changes nothing."""

from __future__ import annotations

from ejtui.lab import faults
from ejtui.lab.faults.node import RUNS, LabNode, second
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui


def test_a_join_stops_before_it_changes_anything(lab: Lab) -> None:
    ejtui, node = Ejtui(lab), second(lab)
    pid, text = node.pid(), node.run("cat", node.control_file)
    faults.make("settings-syntax", lab=lab)
    try:
        status, answer = ejtui.json("check")
        [finding] = [each for each in answer["findings"] if each["severity"] == "error"]
        assert (status, finding["code"], finding["node"]) == (1, "settings-syntax", "second")
        [line] = finding["evidence"]
        assert f"{node.control_file}, line {text.count(chr(10)) + 2}: syntax error" in line
        status, answer = ejtui.json("join", "--yes")
        assert status == 1
        assert "has a syntax error" in str(answer)
        assert node.pid() == pid
        assert node.ask(RUNS) == "true"
        assert node.run("ls", f"{node.home}/ejtui-backups", check=False) == ""
    finally:
        node.script('cat >"$(readlink -f "$1")"', node.control_file, stdin=text.encode())
    assert ejtui.json("check")[0] == 0


def test_nothing_stops_an_ejabberd_that_would_not_start_again(fresh_lab: Lab) -> None:
    ejtui, node = Ejtui(fresh_lab), second(fresh_lab)
    assert ejtui.json("join", "--yes")[0] == 0
    faults.make("settings-syntax", lab=fresh_lab)
    _refused(ejtui, node, "rollback")
    faults.make("cookie-mismatch", lab=fresh_lab)
    _refused(ejtui, node, "repair", "cookie-mismatch")


def _refused(ejtui: Ejtui, node: LabNode, *command: str) -> None:
    pid = node.pid()
    status, answer = ejtui.json(*command, "--yes")
    assert status == 1, answer
    assert "correct that file first" in str(answer)
    assert node.pid() == pid
