"""Every fault that the lab can make: named first, repaired, and nobody's account is lost by it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ejtui.cluster.errors import StepFailed
from ejtui.cluster.question import Question
from ejtui.cluster.repairs import run
from ejtui.lab import breakage, faults
from ejtui.lab.faults.node import second
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import ctl, engine, state_of
from tests.lab.cluster.repair_table import ROW, THEIRS, cells, row


def test_what_is_not_there_is_not_mended(lab: Lab) -> None:
    before = state_of(lab, "second")
    status, answer = Ejtui(lab).json("repair", "cookie-mode", "--yes")
    assert status == 1
    assert "does not find cookie-mode" in answer["error"]["message"]
    assert state_of(lab, "second") == before


async def test_what_is_repaired_during_the_question_is_left_alone(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "STALE_SECONDS", 0.0)
    faults.make("cookie-mode", lab=lab)
    node = second(lab)

    async def by_hand(_: Question) -> bool:
        node.run("chmod", "400", f"{node.home}/.erlang.cookie")
        return True

    async with engine(lab) as one:
        with pytest.raises(StepFailed, match=r"any more; it finds .*Nothing was changed"):
            await run.repair(one.pair, "cookie-mode", by_hand, one.took, confirms=True)
    kept = f"{node.home}/ejtui-backups"
    assert "cookie-mode" not in node.script('ls "$1" 2>/dev/null || :', kept)


def test_a_firewall_with_jumps_and_sets(lab: Lab) -> None:
    rules = (
        "add table inet ejtui_lab\n"
        "add set inet ejtui_lab closed { type inet_service; flags interval; "
        "elements = { 4300-4400 }; }\n"
        "add chain inet ejtui_lab services\n"
        "add rule inet ejtui_lab services ip saddr != 127.0.0.1 tcp dport @closed drop\n"
        "add chain inet ejtui_lab input { type filter hook input priority 0; }\n"
        "add rule inet ejtui_lab input iifname != lo ct state vmap "
        "{ established : accept, new : jump services }\n"
    )
    lab.run("first", ["nft", "-f", "-"], stdin=rules.encode())
    try:
        status, answer = Ejtui(lab).json("repair", "epmd-unreachable", "--yes")
        assert (status, answer["findings"]) == (0, []), answer
        assert "inet ejtui_lab services position" in str(answer["evidence"])
    finally:
        breakage.unblock(lab, "first")


@pytest.mark.catalogue
def test_a_firewall_that_is_somewhere_else_is_left_alone(lab: Lab) -> None:
    """The rule stands on second's side, where nothing of first's can repair it."""
    rules = "add table inet ejtui_lab\n" + (
        "add chain inet ejtui_lab out { type filter hook output priority 0; }\n"
        "add rule inet ejtui_lab out tcp dport 4369 ip daddr != 127.0.0.1 drop\n"
    )
    lab.run("second", ["nft", "-f", "-"], stdin=rules.encode())
    try:
        before = lab.run("first", ["nft", "list", "ruleset"]).stdout
        status, answer = Ejtui(lab).json("repair", "epmd-unreachable", "--yes")
        assert status == 1
        assert "between the hosts" in answer["error"]["message"]
        assert lab.run("first", ["nft", "list", "ruleset"]).stdout == before
    finally:
        breakage.unblock(lab, "second")


def swapped(lab: Lab) -> Ejtui:
    """`ejtui` with first and second in each other's place."""
    ejtui = Ejtui(lab)
    ejtui.argv += ["--first", "second", "--second", "first"]
    return ejtui


def test_swapped_a_repair_of_one_node_still_finds_that_node(lab: Lab) -> None:
    faults.make("cookie-mode", lab=lab)
    cookie = f"{lab.form.home('first')}/.erlang.cookie"
    untouched = lab.run("first", ["stat", "-c", "%z", cookie]).stdout
    status, answer = swapped(lab).json("repair", "cookie-mode", "--yes")
    assert status == 0, answer
    mode = lab.run("second", ["stat", "-c", "%a", cookie]).stdout
    assert mode.strip() == b"400"
    assert lab.run("first", ["stat", "-c", "%z", cookie]).stdout == untouched


@pytest.mark.catalogue
@pytest.mark.parametrize("code", faults.FAULTS)
def test_made_named_mended(
    fresh_lab: Lab, record_property: Callable[[str, object], None], code: str
) -> None:
    """A row of the table that is printed at the end."""
    seen = row(fresh_lab, code)
    record_property(ROW, cells(seen))
    assert seen.well, seen.trouble


def test_made_named_mended_of_tables(fresh_lab: Lab) -> None:
    """Files are repaired on every run by the keys of the app; the rest on request."""
    seen = row(fresh_lab, "tables-missing")
    assert seen.well, seen.trouble


@pytest.mark.catalogue
@pytest.mark.parametrize("code", ["schema-split", "cookie-mismatch"])
def test_no_repair_takes_from_the_wrong_node(fresh_lab: Lab, code: str) -> None:
    """Nor starts one without a yes, also one that loses nothing: then nothing is changed."""
    faults.make(code, lab=fresh_lab)
    before = state_of(fresh_lab, "first"), state_of(fresh_lab, "second")
    ran = Ejtui(fresh_lab)("repair", code)
    assert ran.returncode == 1
    assert "this needs a yes" in ran.stderr
    assert f"Repair {code} on second?" in ran.stderr
    assert (state_of(fresh_lab, "first"), state_of(fresh_lab, "second")) == before
    status, answer = swapped(fresh_lab).json("repair", code, "--yes")
    assert status == 1
    assert "swapped" in answer["error"]["message"]
    assert "25 accounts" in answer["error"]["message"]
    assert (state_of(fresh_lab, "first"), state_of(fresh_lab, "second")) == before


def test_what_loses_something_needs_a_yes(fresh_lab: Lab) -> None:
    faults.make("partitioned", lab=fresh_lab)
    ran = Ejtui(fresh_lab)("repair", "partitioned")
    assert ran.returncode == 1
    assert "--yes" in ran.stderr
    assert "while_apart_on_second" in ran.stderr
    status, answer = Ejtui(fresh_lab).json("repair", "partitioned")
    assert (status, answer["finding"]["code"]) == (1, "partitioned")
    assert any("set_master_nodes" in each["text"] for each in answer["repair"]["commands"])
    assert "second's whole database" in answer["repair"]["backup"]
    [question] = answer["questions"]
    assert "while_apart_on_second" in str(question["takes"])
    assert question["yes"] is None
    for host in ("first", "second"):
        there = ctl(fresh_lab, host, "registered_users", "chat.example")
        assert set(there) >= THEIRS | {f"while_apart_on_{host}"}
