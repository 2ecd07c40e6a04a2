"""A disk fills in the middle of a join: what is full, where, and once there is room it goes on."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from ejtui.cluster.backups import listing
from ejtui.lab import faults
from ejtui.lab.lab import Lab
from ejtui.lab.people import DOMAIN
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import Engine, ctl, engine, joined
from tests.lab.cluster.full_disk import TMP, at_start, fill, no_more_than, small


def backups(lab: Lab, host: str) -> str:
    return f"{lab.form.home(host)}/ejtui-backups"


def explained(one: Engine, step: str, host: str, mount: str) -> None:
    """The step failed with the one sentence, which has all that a person needs."""
    text = one.last.detail
    assert one.last.id == step, one.last
    assert f"{host} has too little room at" in text, text
    assert f"(file system {mount}): at most" in text, text
    assert " free" in text, text
    assert "nothing is lost. Make room there, then `ejtui join` goes on" in text, text


async def goes_on(one: Engine) -> None:
    """The join ends, and second's own account is in its backup, and comes back."""
    lab = one.lab
    assert await one.runner.run_on(), one.last
    for host in ("first", "second"):
        assert ctl(lab, host, "stats", "registeredusers") == ["25"]
    [own] = await listing.load(one.pair)
    assert own.accounts == (f"guest@{DOMAIN}",)
    await one.roll_back()
    assert ctl(lab, "second", "registered_users", DOMAIN) == ["guest"]


@pytest.mark.catalogue
@pytest.mark.parametrize("blocks", [1, 6, 12])
async def test_seconds_database_directory_is_full_while_tables_are_copied(
    fresh_lab: Lab, blocks: int
) -> None:
    """Mnesia ends, or answers why; which of them is decided by the file that finds no room."""
    lab = fresh_lab
    home = lab.form.home("second")
    async with engine(lab) as one:
        with ExitStack() as full:
            less = no_more_than(lab, "second", home, blocks)
            at_start(one, "tables", lambda: full.enter_context(less))
            assert not await one.runner.run_on()
            explained(one, "tables", "second", home)
            assert ctl(lab, "first", "stats", "registeredusers") == ["25"]
            assert not await one.runner.run_on(), "there is still no room"
            assert [each.code for each in one.last.findings] == ["disc-full"], one.last
        await goes_on(one)


async def test_seconds_tmp_is_full(fresh_lab: Lab) -> None:
    """/var/tmp does as well; where that is full, too, nothing is set aside twice."""
    lab = fresh_lab
    async with engine(lab) as one:
        with small(lab, "second", "/tmp", TMP):
            with small(lab, "second", "/var/tmp", TMP):
                at_start(one, "cleandb", lambda: _fill_both(lab))
                assert not await one.runner.run_on()
                text = one.last.detail
                assert (one.last.id, "neither /tmp nor /var/tmp" in text) == ("cleandb", True), text
                assert "no space left on device" in text
                assert len(one.questions) == 1, "what the join has made is not set aside"
            await goes_on(one)


def _fill_both(lab: Lab) -> None:
    for path in ("/tmp", "/var/tmp"):
        fill(lab, "second", path)


@pytest.mark.catalogue
@pytest.mark.parametrize("host", ["first", "second"])
async def test_a_hosts_backups_are_full(fresh_lab: Lab, host: str) -> None:
    lab, place = fresh_lab, backups(fresh_lab, host)
    with small(lab, host, place):
        async with engine(lab) as one:
            at_start(one, "cleandb", lambda: fill(lab, host, place))
            assert not await one.runner.run_on()
            explained(one, "cleandb", host, place)
            assert one.pair.facts.second.ejabberd, "second serves its own accounts on"
            lab.run(host, ["rm", f"{place}/filled"])
            await goes_on(one)


@pytest.mark.catalogue
async def test_a_bring_over_without_room_goes_on(fresh_lab: Lab) -> None:
    lab, ejtui, place = fresh_lab, Ejtui(fresh_lab), backups(fresh_lab, "first")
    await joined(lab)
    [own] = [each["name"] for each in ejtui.json("backups")[1]["backups"] if each["accounts"]]
    with small(lab, "first", place):
        fill(lab, "first", place)
        ran = ejtui("bring-over", own, "--yes")
        text = " ".join(ran.stderr.split())
        assert ran.returncode == 1, text
        assert f"first has too little room at {place}" in text
        assert f"(file system {place}): at most" in text
        assert f"Make room there, then `{ejtui.named} bring-over {own}` goes on" in text
        lab.run("first", ["rm", f"{place}/filled"])
        assert ejtui("bring-over", own, "--yes").returncode == 0
    assert "guest" in ctl(lab, "first", "registered_users", DOMAIN)


@pytest.mark.catalogue
def test_a_repair_without_room_goes_on(fresh_lab: Lab) -> None:
    lab, ejtui, home = fresh_lab, Ejtui(fresh_lab), fresh_lab.form.home("second")
    faults.make("cookie-mismatch", lab=lab)
    with no_more_than(lab, "second", home, 0):
        ran = ejtui("repair", "cookie-mismatch", "--yes")
        text = " ".join(ran.stderr.split())
        assert ran.returncode == 1, text
        assert f"second has too little room at {home}" in text
        assert f"`{ejtui.named} repair cookie-mismatch --node" in text
    assert ejtui("repair", "cookie-mismatch", "--yes").returncode == 0


@pytest.mark.catalogue
async def test_a_restored_table_without_room_goes_on(fresh_lab: Lab) -> None:
    """First is backed up before anything is written: without room for that nothing is."""
    lab, ejtui, place = fresh_lab, Ejtui(fresh_lab), backups(fresh_lab, "first")
    with small(lab, "first", place):
        await joined(lab)
        ctl(lab, "first", "unregister", "amelie", DOMAIN)
        listed = ejtui.json("backups")[1]["backups"]
        [made] = [each["name"] for each in listed if "restore-table" in each["uses"]]
        fill(lab, "first", place)
        ran = ejtui("backups", "restore-table", made, "--yes")
        text = " ".join(ran.stderr.split())
        assert ran.returncode == 1, text
        assert f"first has too little room at {place}" in text
        assert f"Make room there, then `{ejtui.named} backups restore-table {made}` goes on" in text
        assert "amelie" not in ctl(lab, "first", "registered_users", DOMAIN)
        lab.run("first", ["rm", f"{place}/filled"])
        ran = ejtui("backups", "restore-table", made, "--yes")
        assert ran.returncode == 0, ran.stderr
    assert "amelie" in ctl(lab, "first", "registered_users", DOMAIN)
