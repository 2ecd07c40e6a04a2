"""Hosts fresh from the package become a pair that serves first's domain, to real XMPP clients."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from slixmpp import JID

from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.systemd import guided, stock
from tests.lab.systemd.booted import booted, why_not
from tests.lab.systemd.people import logged_in
from tests.skipping import skip_for

DOMAIN = "chat.example"
AMELIE, BERT, BOSS = (f"{user}@{DOMAIN}" for user in ("amelie", "bert", "boss"))
PASSWORD = "secret-of-everybody"  # noqa: S105

# As ejabberd's documentation has it: a domain, an administrator, accounts.
_SERVE = """
sed -i -e "s/^  - localhost$/  - $1/" -e "/^  admin:/,/^  local:/s/- \\"\\"/- \\"boss@$1\\"/" \
    /etc/ejabberd/ejabberd.yml
systemctl restart ejabberd
for user in amelie bert boss; do ejabberdctl register "$user" "$1" "$2"; done
"""


async def test_stock_hosts_become_a_pair_that_serves_firsts_domain(
    fresh_systemd_lab: Lab,
) -> None:
    await serve_firsts_domain_on_both(fresh_systemd_lab, "bookworm")


@pytest.mark.catalogue
@pytest.mark.parametrize("suite", ["trixie", "sid"])
async def test_stock_hosts_of_other_releases_do_so_too(tmp_path: Path, suite: str) -> None:
    skip_for(why_not())
    with booted(tmp_path, suite, suite) as lab:
        await serve_firsts_domain_on_both(lab, suite)


@pytest.mark.catalogue
@pytest.mark.parametrize("suite", ["bookworm", "trixie", "sid"])
async def test_the_guided_set_up_alone_leads_there(tmp_path: Path, suite: str) -> None:
    skip_for(why_not())
    with booted(tmp_path, suite, suite) as lab:
        await first_has_people(lab, suite)
        repaired = await asyncio.to_thread(guided.join_by_keys, lab, tmp_path / "operator")
        assert {"both-localhost", "config-hosts"} <= set(repaired), repaired
        await people_are_at_home_on_both(lab)


async def serve_firsts_domain_on_both(lab: Lab, suite: str) -> None:
    ejtui = Ejtui(lab)
    await first_has_people(lab, suite)
    repaired = repair_what_is_named(ejtui)
    assert "config-hosts" in repaired, repaired
    status, answer = ejtui.json("join", "--yes")
    failed = [each for each in answer["steps"] if each["state"] != "done"]
    assert status == 0, (answer.get("error"), failed)
    await people_are_at_home_on_both(lab)


async def first_has_people(lab: Lab, suite: str) -> None:
    """Both hosts are stock; first serves its domain, where Amelie has Bert as a contact."""
    addresses = lab.place.read_state()["addresses"]
    stock.install(lab, suite)
    lab.run("first", ["sh", "-euc", _SERVE, "sh", DOMAIN, PASSWORD], timeout=120)
    async with logged_in(AMELIE, PASSWORD, addresses["first"]) as amelie:
        amelie.update_roster(JID(BERT), name="Bert")
        assert (await amelie.contacts())[BERT] == "Bert"
    with pytest.raises(PermissionError):
        async with logged_in(AMELIE, PASSWORD, addresses["second"]):
            pass


async def people_are_at_home_on_both(lab: Lab) -> None:
    """Each of first's accounts, on second: roster, messages, and an administrator's rights."""
    addresses = lab.place.read_state()["addresses"]
    async with (
        logged_in(AMELIE, PASSWORD, addresses["second"]) as amelie,
        logged_in(BERT, PASSWORD, addresses["first"]) as bert,
        logged_in(BERT, PASSWORD, addresses["second"]) as bert_on_second,
        logged_in(BOSS, PASSWORD, addresses["second"]) as boss,
        logged_in(BOSS, PASSWORD, addresses["first"]) as boss_on_first,
    ):
        assert (await amelie.contacts())[BERT] == "Bert"
        amelie.send_message(bert.boundjid, "from second", mtype="chat")
        assert await bert.next_message() == (AMELIE, "from second")
        bert.send_message(JID(AMELIE), "from first", mtype="chat")
        assert await amelie.next_message() == (BERT, "from first")
        for person, account in ((bert_on_second, BERT), (boss, BOSS)):
            person.send_message(boss_on_first.boundjid, "from second", mtype="chat")
            assert await boss_on_first.next_message() == (account, "from second")
            boss_on_first.send_message(person.boundjid, "from first", mtype="chat")
            assert await person.next_message() == (BOSS, "from first")
        assert await boss_on_first.may("add-user")
        assert await boss.may("add-user")
        assert not await amelie.may("add-user")
    _, answer = Ejtui(lab).json("config")
    assert [each for each in answer["differences"] if each["stops_a_join"]] == []


def repair_what_is_named(ejtui: Ejtui) -> list[str]:
    """Repairs each finding that `check` names and that has a repair; the codes in their order."""
    done: list[str] = []
    _, answer = ejtui.json("check")
    while True:
        new = [
            each["code"]
            for each in answer["findings"]
            if each["repair"] and each["code"] not in (*done, "config-certificates")
        ]
        if not new:
            return done
        # Its answer has what a check finds then.
        status, answer = ejtui.json("repair", new[0], "--yes")
        assert "error" not in answer, (new[0], status, answer["error"])
        done.append(new[0])
