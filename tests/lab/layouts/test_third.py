"""A cluster of three: the third one joins the pair, is seen, stops, and is mistaken for nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.check import check
from ejtui.cluster.pair.pair import Pair
from ejtui.config import load
from ejtui.lab import breakage
from ejtui.lab.faults.node import RUNS, LabNode
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import engine
from tests.lab.layouts.third import THIRD, with_third

ALL = ["ejabberd@first", "ejabberd@second", "ejabberd@third"]


@pytest.mark.catalogue
async def test_three_nodes(fresh_lab: Lab) -> None:
    lab = with_third(fresh_lab)
    third = LabNode(lab, THIRD)
    async with engine(lab, Pair(load(lab.config_path, second=THIRD))) as other, engine(lab) as one:
        for each in (one, other):
            assert await each.runner.run_on(), each.last
        assert "ejabberd@second, second in the configuration, runs" in healthy(
            await check(other.pair)
        )
        seen = await check(one.pair)
        assert "ejabberd@third, third in the configuration, runs" in healthy(seen)
        for node in (seen.facts.first, seen.facts.second):
            assert (sorted(node.running_db_nodes), node.accounts) == (ALL, 25)
        third.stop()
        known_to_run(lab, "not ")
        assert stale(await check(one.pair)).repair.startswith("start ejabberd on third")

    known = load(lab.config_path)
    two = {name: known.nodes[name] for name in ("first", "second")}
    async with engine(lab, Pair(replace(known, nodes=two))) as one:
        assert "start ejabberd" not in stale(await check(one.pair)).repair
        third.start()
        known_to_run(lab)
        assert "ejabberd@third, not in the configuration, runs" in healthy(await check(one.pair))

    ran = Ejtui(lab)("status")
    assert (ran.returncode, ran.stdout.count("ejabberd@third")) == (0, 4), ran.stderr


def known_to_run(lab: Lab, no: str = "") -> None:
    """Wait until both of the pair report that third runs with them, or does not."""
    for host in ("first", "second"):
        said = "lists:member('ejabberd@third', mnesia:system_info(running_db_nodes))"
        LabNode(lab, host).until(no + said)


def healthy(seen: Diagnosis) -> str:
    """What the check of a healthy pair reports of the schema."""
    assert seen.healthy, seen.findings
    (line,) = (look.seen for look in seen.looked_at if look.layer == "schema")
    return line


def stale(seen: Diagnosis) -> Finding:
    """The one finding, which is of the third; the pair itself is well."""
    (finding,) = seen.findings
    assert (finding.code, finding.subjects) == ("stale-member", ("ejabberd@third",))
    assert seen.facts.both_run
    return finding


@pytest.mark.catalogue
def test_a_name_that_leads_to_a_server_that_was_replaced(fresh_lab: Lab) -> None:
    """Third is the old first, at its old address: its node has the same name and cookie."""
    lab = with_third(fresh_lab)
    third, second, ejtui = LabNode(lab, THIRD), LabNode(lab, "second"), Ejtui(lab)
    address = second.script("sed -n 's/ third$//p' /etc/hosts").strip()
    cookie = breakage.read_cookie(lab, "first")
    for node in (second, third):
        node.stop()
        breakage.write_cookie(lab, node.host, cookie)
    third.wipe()
    third.script('sed -i "/ first\\$/d" /etc/hosts; echo "127.0.1.1 first" >>/etc/hosts')
    third.configure(ERLANG_NODE="ejabberd@first")
    third.begin()
    third.until(RUNS, node="ejabberd@first")
    second.script('sed -i "/ first\\$/d" /etc/hosts; echo "$1 first" >>/etc/hosts', address)
    second.start()

    _, answer = ejtui.json("check")
    [finding] = answer["findings"]
    assert (finding["code"], finding["node"]) == ("wrong-peer-address", "second"), finding
    assert f"first is {address}" in str(finding["evidence"])
    status, answer = ejtui.json("join", "--yes")
    assert (status, answer["changed"]) == (1, False), answer
    status, answer = ejtui.json("repair", "wrong-peer-address", "--yes")
    assert (status, answer["findings"]) == (0, []), answer
    status, answer = ejtui.json("join", "--yes")
    assert status == 0, answer["error"]
    third.until("mnesia:system_info(db_nodes) =:= [node()]", node="ejabberd@first")
