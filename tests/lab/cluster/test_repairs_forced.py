"""Tables that wait for a node which cannot be started: what is loaded instead, and what is kept."""

from __future__ import annotations

import json

import pytest

from ejtui.cluster.backups.inventory import inventory
from ejtui.cluster.errors import Refused
from ejtui.cluster.join.check import check
from ejtui.cluster.repairs.run import repair
from ejtui.cluster.run.events import StepEnded
from ejtui.erlang.probe import questions
from ejtui.lab import faults
from ejtui.lab.faults.node import LabNode, first, second
from ejtui.lab.lab import Lab
from ejtui.lab.people import DOMAIN
from tests.lab.cluster.engine import ctl, engine
from tests.lab.cluster.repair_table import THEIRS

LATE = "came_late"
"""An account that first got after second had stopped."""

_READABLE = "mnesia:table_info(passwd, where_to_read) =/= nowhere"


def _only_first_is_new(lab: Lab) -> tuple[LabNode, LabNode]:
    """Second waits for what first got meanwhile, and first's configuration is no YAML any more."""
    one, two = first(lab), second(lab)
    faults.make("tables-waiting", lab=lab)
    two.stop()
    one.start()
    one.register(LATE)
    one.stop()
    two.begin()
    two.until("mnesia:system_info(is_running) =:= yes")
    one.script('cp -p "$1" "$1.well"; echo "{" > "$1"', "/etc/ejabberd/ejabberd.yml")
    return one, two


@pytest.mark.catalogue
async def test_loaded_with_consent_and_the_newer_copies_kept(fresh_lab: Lab) -> None:
    one, two = _only_first_is_new(fresh_lab)
    async with engine(fresh_lab) as each:
        seen = await check(each.pair)
        assert seen.findings[0].code == "tables-waiting"
        each.yes = False
        with pytest.raises(Refused):
            await repair(each.pair, "tables-waiting", each.asks, each.took)
        assert two.ask(_READABLE) == "false"
        [question] = each.questions
        shown = "\n".join(question.takes)
        assert "second's 25 accounts stay, 0 of them on second alone" in shown
        assert f"first has 26 accounts, 1 of them on first alone: {LATE}@{DOMAIN}" in shown
        assert "passwd: 26 records on first, 25 on second" in shown
        each.yes = True
        await repair(each.pair, "tables-waiting", each.asks, each.took)
        evidence = each.of(StepEnded)[-1].evidence
        listed = [made for made in await inventory(each.pair) if made.manifest and made.complete]
        assert {made.node for made in listed if "tables-waiting" in made.reason} == {
            "first",
            "second",
        }
        [kept] = [made for made in listed if made.on_second and "tables-waiting" in made.reason]
        assert "bring-over" in kept.uses
        assert kept.files > 10
    assert two.ask(_READABLE) == "true"
    assert set(ctl(fresh_lab, "second", "registered_users", DOMAIN)) == THEIRS
    [listing] = [line.split()[0] for line in evidence if "only-first.json" in line]
    assert json.loads(one.run("cat", listing)) == {"only_first": [f"{LATE}@{DOMAIN}"]}
    one.script('mv "$1.well" "$1"', "/etc/ejabberd/ejabberd.yml")
    await _first_comes_back(fresh_lab, listing.rpartition("/")[0])


async def _first_comes_back(lab: Lab, kept: str) -> None:
    """First takes second's tables; what it alone had is in the copy of its files, to be read."""
    first(lab).start()
    async with engine(lab) as each:
        seen = await check(each.pair)
        assert seen.healthy, seen.findings
        held = await questions.kept_content(
            each.pair.first.probe, questions.directory(kept), timeout=120
        )
    assert (LATE, DOMAIN) in held.accounts
    for host in ("first", "second"):
        assert set(ctl(lab, host, "registered_users", DOMAIN)) == THEIRS
