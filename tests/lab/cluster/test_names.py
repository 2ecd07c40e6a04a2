"""Names of nodes and hosts as two sites have them: renamed with the database, or not at all."""

from __future__ import annotations

import pytest

from ejtui.lab.faults.node import RUNS, LabNode, second
from ejtui.lab.lab import Lab
from ejtui.lab.people import GUEST
from tests.lab.cli.driver import Ejtui

LOCAL = "ejabberd@localhost"
CFG = "/etc/default/ejabberd"

# The first line is one that could be changed; the other one counts, and nothing behind it is read.
_STUBBORN = f"ERLANG_NODE={LOCAL}\ntrue && ERLANG_NODE={LOCAL} && return\n"


def named_localhost(node: LabNode) -> None:
    """The node as if it had never been named, with an account that first lacks."""
    node.stop()
    node.wipe()
    node.configure(ERLANG_NODE=LOCAL)
    node.begin()
    node.until(RUNS, node=LOCAL)
    node.register(GUEST, node=LOCAL)


def test_a_name_that_leads_back_is_named(lab: Lab) -> None:
    node, ejtui = second(lab), Ejtui(lab)
    before = node.run("cat", "/etc/hosts")
    node.script('sed -i "/ first\\$/d" /etc/hosts; echo "127.0.1.1 second first" >>/etc/hosts')
    status, answer = ejtui.json("check")
    node.run("tee", "/etc/hosts", stdin=before.encode())
    found = [(each["code"], each["node"]) for each in answer["findings"]]
    assert (status, found) == (1, [("wrong-peer-address", "second")]), answer["findings"]
    assert "127.0.1.1" in str(answer["findings"][0]["evidence"])


@pytest.mark.catalogue
def test_a_renaming_that_fails_is_taken_back(lab: Lab) -> None:
    node, ejtui = second(lab), Ejtui(lab)
    named_localhost(node)
    node.script('sed -i "/ERLANG_NODE=/d" "$1"; printf "$2" >>"$1"', CFG, _STUBBORN)
    before = node.run("cat", CFG)

    status, answer = ejtui.json("repair", "dist-loopback", "--yes")
    assert status == 1, answer
    assert (
        "set ejabberd@second there. It runs as ejabberd@localhost again"
        in answer["error"]["message"]
    )
    assert node.run("cat", CFG) == before
    status, answer = ejtui.json("status")
    assert (answer["second"]["name"], answer["second"]["running"]) == (LOCAL, True)
    assert ejtui.ctl("second", "registered_users", "chat.example") == [GUEST]
    assert "FALLBACK.BUP" not in node.run("ls", node.home)

    node.script('sed -i "/^true/d" "$1"', CFG)
    status, answer = ejtui.json("repair", "dist-loopback", "--yes")
    assert status == 0, answer
    assert answer["second"]["name"] == "ejabberd@second"
    assert "ERLANG_NODE=ejabberd@second" in str(answer["repair"]["commands"])
    assert ejtui.ctl("second", "registered_users", "chat.example") == [GUEST]


def test_a_node_named_after_an_address_that_is_gone(fresh_lab: Lab) -> None:
    node, ejtui, name = second(fresh_lab), Ejtui(fresh_lab), "ejabberd@10.99.0.9"
    address = ("address", "10.99.0.9/32", "dev", "lo")
    node.run("ip", address[0], "add", *address[1:])
    node.stop()
    node.wipe()
    node.configure(ERLANG_NODE=name)
    node.begin()
    node.until(RUNS, node=name)
    node.register(GUEST, node=name)
    node.run("ip", address[0], "del", *address[1:])
    _, answer = ejtui.json("check")
    found = {each["code"]: each["node"] for each in answer["findings"]}
    assert found.get("named-by-address") == "second", answer["findings"]
    assert not {"dist-port-blocked", "epmd-unreachable"} & set(found), answer["findings"]

    status, answer = ejtui.json("repair", "named-by-address", "--yes")
    assert status == 0, answer["error"]
    assert (answer["second"]["name"], answer["second"]["running"]) == ("ejabberd@second", True)
    assert ejtui.ctl("second", "registered_users", "chat.example") == [GUEST]
    shown = " ".join(each["text"] for each in answer["repair"]["commands"])
    assert "-name ejabberd@10.99.0.9" in shown
    assert "ERLANG_NODE=ejabberd@second" in shown
    assert answer["findings"] == [], answer["findings"]
