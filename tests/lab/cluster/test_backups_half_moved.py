"""A join that was broken off while second's database moved into its backup."""

from __future__ import annotations

from pathlib import Path

import pytest

from ejtui.cluster.backups import guarded_start, listing
from ejtui.cluster.errors import BackupError
from ejtui.cluster.join.check import check
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.pair.pair import Pair
from ejtui.config import load
from ejtui.lab.faults.node import second
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import Engine, broken_off, ctl, engine, sums

OWN = ["guest"]


async def break_off_the_move(one: Engine, share: float = 0.5) -> None:
    """A join that ends when this share of second's files has been moved."""
    assert await one.runner.run_on("nodes"), one.last
    with broken_off(one, "move_files", share):
        assert not await one.runner.run_on("cleandb")


@pytest.mark.catalogue
async def test_ejabberd_was_started_on_the_half_moved_database(fresh_lab: Lab) -> None:
    """As after a power loss: check reports it, no repair starts it, join and rollback go on."""
    node = second(fresh_lab)
    async with engine(fresh_lab) as one:
        await break_off_the_move(one)
    node.start()
    node.register("inbetween")
    async with engine(fresh_lab) as one:
        seen = await check(one.pair)
        assert seen.half_done is not None
        assert seen.half_done.stage == "moving"
        assert "incomplete database" in seen.half_done.text
        assert not [each for each in seen.findings if each.node == "second"], seen.findings
    node.kill()
    ejtui = Ejtui(fresh_lab)
    ran = ejtui("repair", "not-connected", "--node", "second", "--yes")
    assert ran.returncode == 1
    assert f"{ejtui.named} join" in ran.stderr + ran.stdout
    status, answer = Ejtui(fresh_lab).json("check")
    assert status == 1
    assert answer["standing"]["step"] == "cleandb"
    assert "not-connected" not in {each["code"] for each in answer["findings"]}
    node.start()
    async with engine(fresh_lab) as one:
        assert await one.runner.run_on("cleandb"), one.last
        [manifest] = await listing.load(one.pair)
        [between] = manifest.between
        assert sums(fresh_lab, "second", f"{manifest.place}/{between}")
        assert manifest.accounts == ("guest@chat.example",)
        assert await one.runner.run_on(), one.last
        assert (await check(one.pair)).half_done is None
        await one.roll_back()
        assert ctl(fresh_lab, "second", "registered_users", "chat.example") == OWN


@pytest.mark.catalogue
async def test_a_rollback_from_a_half_moved_database_that_was_started(fresh_lab: Lab) -> None:
    node = second(fresh_lab)
    async with engine(fresh_lab) as one:
        await break_off_the_move(one, 0.8)
    node.start()
    async with engine(fresh_lab) as one:
        await one.roll_back()
    assert ctl(fresh_lab, "second", "registered_users", "chat.example") == OWN


@pytest.mark.catalogue
async def test_a_join_that_broke_off_after_the_last_file_was_moved(fresh_lab: Lab) -> None:
    """The next join completes the backup; table files of the new database may be alike."""
    async with engine(fresh_lab) as one:
        await break_off_the_move(one, 1.0)
        [manifest] = await listing.load(one.pair)
        assert manifest.stage == "moving"
    async with engine(fresh_lab) as one:
        assert await one.runner.run_on(), one.last
        [manifest] = await listing.load(one.pair)
        assert (manifest.stage, manifest.accounts) == ("moved", (f"{OWN[0]}@chat.example",))
        await one.roll_back()
    assert ctl(fresh_lab, "second", "registered_users", "chat.example") == OWN


# First gets the node name $2 and a new database; $1 is its home.
NAMED = """
ejabberdctl stop
ejabberdctl stopped
sed -i "/^ERLANG_NODE=/d" /etc/default/ejabberd
echo "ERLANG_NODE=$2" >>/etc/default/ejabberd
cd "$1"
mkdir -p /root/former
mv *.D?? *.LOG /root/former/
ejabberdctl start
ejabberdctl started
"""


def name_first(lab: Lab, name: str) -> None:
    words = ["sh", "-c", NAMED, "sh", lab.form.home("first"), name]
    lab.run("first", words, timeout=120)


@pytest.mark.catalogue
async def test_first_has_another_name_since_the_move_was_broken_off(fresh_lab: Lab) -> None:
    """The other half goes into no second backup; a rollback brings both halves together."""
    before = sums(fresh_lab, "second", fresh_lab.form.home("second")).keys()
    async with engine(fresh_lab) as one:
        await break_off_the_move(one)
        [manifest] = await listing.load(one.pair)
    name_first(fresh_lab, "chat@first")
    try:
        ejtui = Ejtui(fresh_lab)
        status, answer = ejtui.json("check")
        assert (status, answer["standing"]["stage"]) == (1, "moving"), answer
        assert "with first as ejabberd@first" in answer["standing"]["text"]
        assert f"ejtui rollback {manifest.stamp}" in answer["standing"]["text"]
        assert "not-connected" not in {each["code"] for each in answer["findings"]}
        ran = ejtui("join", "--yes")
        assert ran.returncode == 1
        assert f"`{ejtui.named} rollback {manifest.stamp}`" in " ".join(
            (ran.stdout + ran.stderr).split()
        )
        async with engine(fresh_lab) as one:
            assert [each.stage for each in await listing.load(one.pair)] == ["moving"]
        ran = ejtui("rollback", "--yes")
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert ctl(fresh_lab, "second", "registered_users", "chat.example") == OWN
        assert before <= sums(fresh_lab, "second", fresh_lab.form.home("second")).keys()
    finally:
        name_first(fresh_lab, "ejabberd@first")


async def test_the_cluster_s_files_never_become_second_s_own(fresh_lab: Lab) -> None:
    """A join that did not see the half-filled backup has left the cluster's database there."""
    lab, hidden = fresh_lab, "/root/hidden"
    async with engine(lab) as one:
        await break_off_the_move(one)
        [manifest] = await listing.load(one.pair)
    lab.run("second", ["mv", manifest.place, hidden])
    async with engine(lab) as one:
        assert await one.runner.run_on(), one.last
    lab.run("second", ["mv", hidden, manifest.place])
    kept = lab.run("second", ["cat", f"{manifest.place}/manifest.json"]).stdout
    moved = sums(lab, "second", manifest.database)
    async with engine(lab) as one:
        with pytest.raises(BackupError, match=r"schema\.DAT.*of these files, .*copy them into"):
            await one.roll_back()
    assert lab.run("second", ["cat", f"{manifest.place}/manifest.json"]).stdout == kept
    assert sums(lab, "second", manifest.database) == moved
    assert sums(lab, "second", lab.form.home("second")), "the cluster's files stay"


def keeping_in(lab: Lab, directory: str, config: Path) -> Pair:
    """The lab's pair by a configuration that keeps second's backups in that directory."""
    lab.run("second", ["install", "-d", "-o", "ejabberd", "-m", "700", directory])
    here, named = "[nodes.second]\n", f'[nodes.second]\nbackup_dir = "{directory}"\n'
    config.write_text(lab.config_path.read_text().replace(here, named))
    config.chmod(0o600)
    return Pair(load(config))


@pytest.mark.catalogue
async def test_a_half_moved_backup_in_another_operator_s_directory(
    fresh_lab: Lab, tmp_path: Path
) -> None:
    """Every configuration finds it; where its directory is gone, nothing starts."""
    lab, directory, away = fresh_lab, "/srv/kept", "/srv/away"
    ejtui = Ejtui(lab)
    try:
        async with engine(lab, keeping_in(lab, directory, tmp_path / "other.toml")) as one:
            await break_off_the_move(one)
        status, answer = ejtui.json("check")
        assert (status, answer["standing"] and answer["standing"]["stage"]) == (1, "moving")
        ran = ejtui("repair", "not-connected", "--node", "second", "--yes")
        assert ran.returncode == 1
        assert directory in ran.stderr + ran.stdout
        lab.run("second", ["mv", directory, away])
        for words in (("repair", "not-connected", "--node", "second", "--yes"), ("join", "--yes")):
            ran = ejtui(*words)
            assert ran.returncode == 1, ran.stdout
            said = " ".join((ran.stderr + ran.stdout).split())
            assert f"{directory}/" in said
            assert "is a file system not mounted?" in said
        assert ctl(lab, "second", "status") == []
        lab.run("second", ["mv", away, directory])
        ran = ejtui("rollback", "--yes")
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert ctl(lab, "second", "registered_users", "chat.example") == OWN
        lab.run("second", ["mv", directory, away])
        async with engine(lab) as one:
            await lifecycle.stop(one.pair.second)
            await guarded_start.start(one.pair.second)
    finally:
        lab.run("second", ["rm", "-rf", directory, away])
