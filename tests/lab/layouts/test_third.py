"""A cluster of three: the third one joins the pair, is seen, stops, and is forgotten by no one."""

from __future__ import annotations

import tomllib
from typing import Any

import tomli_w

from ejtui.lab.faults.node import Node
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.layouts.third import THIRD, with_third

ALL = ["ejabberd@first", "ejabberd@second", "ejabberd@third"]


def schema_line(seen: dict[str, Any]) -> str:
    """What check says of the schema."""
    (line,) = (look["seen"] for look in seen["looked_at"] if look["layer"] == "schema")
    return str(line)


def test_three_nodes(fresh_lab: Lab) -> None:
    lab = with_third(fresh_lab)
    ejtui, third = Ejtui(lab), Node(lab, THIRD)
    for who in ("second", "third"):
        code, answer = ejtui.json("--second", who, "join", "--yes")
        assert code == 0, answer
    assert answer["second"]["accounts"] == 25

    code, seen = ejtui.json("status")
    assert code == 0
    for side in ("first", "second"):
        assert sorted(seen[side]["running_db_nodes"]) == ALL
    code, seen = ejtui.json("--first", "second", "--second", "third", "check")
    assert (code, seen["findings"]) == (0, []), seen
    assert "ejabberd@first, first in the configuration, runs" in schema_line(seen)
    code, seen = ejtui.json("check")
    assert (code, seen["findings"]) == (0, []), seen
    assert "ejabberd@third, third in the configuration, runs" in schema_line(seen)

    third.stop()
    code, finding = only_finding(ejtui)
    assert (code, finding["code"], finding["subjects"]) == (1, "stale-member", ["ejabberd@third"])
    assert "start ejabberd on third" in finding["repair"]
    code, seen = ejtui.json("status")
    assert (code, seen["first"]["running"], seen["second"]["running"]) == (0, True, True)

    without(lab, THIRD)
    code, finding = only_finding(ejtui)
    assert (code, finding["code"], finding["subjects"]) == (1, "stale-member", ["ejabberd@third"])
    assert "start ejabberd" not in finding["repair"]

    third.start()
    code, seen = ejtui.json("check")
    assert (code, seen["findings"]) == (0, []), seen
    assert "ejabberd@third, not in the configuration, runs" in schema_line(seen)


def only_finding(ejtui: Ejtui) -> tuple[int, dict[str, Any]]:
    """The code that check ends with, and the one finding it has."""
    code, seen = ejtui.json("check")
    (finding,) = seen["findings"]
    return code, finding


def without(lab: Lab, host: str) -> None:
    """Take a node out of the configuration."""
    table = tomllib.loads(lab.config_path.read_text())
    del table["nodes"][host]
    lab.place.write(lab.config_path, tomli_w.dumps(table))
