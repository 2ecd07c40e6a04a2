"""Second is a running member of another cluster when it is to join first."""

from __future__ import annotations

from ejtui.cluster.join.check import check
from ejtui.lab.faults.node import LabNode, first, second
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import ctl, engine
from tests.lab.layouts.third import THIRD, with_third

OTHERS = ["ejabberd@second", "ejabberd@third"]


async def test_its_members_are_named_and_a_yes_is_not_enough(fresh_lab: Lab) -> None:
    lab = with_third(fresh_lab)
    third, other = LabNode(lab, THIRD), second(lab)
    cookie = other.run("cat", f"{other.home}/.erlang.cookie")
    third.stop()
    third.wipe()
    third.script('chmod u+w "$1"; printf %s "$2" >"$1"', f"{third.home}/.erlang.cookie", cookie)
    third.start()
    third.ask("ejabberd_cluster:join('ejabberd@second')")
    third.until("lists:member('ejabberd@second', mnesia:system_info(running_db_nodes))")
    other.until("lists:member('ejabberd@third', mnesia:system_info(running_db_nodes))")

    async with engine(lab) as one:
        seen = await check(one.pair)
        [finding] = [each for each in seen.findings if each.code == "other-cluster"]
        assert finding.subjects == ("ejabberd@third",)
    status, answer = Ejtui(lab).json("join", "--yes")
    assert status == 1, answer
    assert {step["id"]: step["state"] for step in answer["steps"]}["cookies"] == "todo", answer
    assert "--accept other-cluster" in str(answer)
    assert ctl(lab, "second", "list_cluster") == OTHERS
    assert second(lab).ask("mnesia:system_info(is_running)") == "yes"

    status, answer = Ejtui(lab).json("join", "--yes", "--accept", "other-cluster")
    assert status == 0, answer
    assert ctl(lab, "second", "list_cluster") == ["ejabberd@first", "ejabberd@second"]
    assert first(lab).ask("mnesia:system_info(is_running)") == "yes"
