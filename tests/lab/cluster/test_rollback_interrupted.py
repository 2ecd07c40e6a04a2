"""A rollback that was broken off while it set second's database aside; what goes on from there."""

from __future__ import annotations

import pytest

from ejtui.cluster.backups import guarded_start, listing
from ejtui.cluster.bring_over import source as bringover_source
from ejtui.cluster.errors import BackupError, StepFailed
from ejtui.erlang.probe.client import ProbeError
from ejtui.lab.faults.node import second
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import broken_off, ctl, engine, joined, sums

OWN = ["guest"]


async def break_off_the_set_aside(lab: Lab, wanted: str, share: float) -> None:
    """A rollback that ends when this share of what second has was set aside."""
    async with engine(lab) as one:
        with broken_off(one, "move_files", share), pytest.raises(ProbeError):
            await one.roll_back(wanted)


def nothing_starts(lab: Lab, used: str) -> None:
    """The check shows what stands; neither a repair nor a join starts or moves anything."""
    app = Ejtui(lab)
    status, answer = app.json("check")
    assert status == 1
    assert answer["standing"]["kind"] == "rollback"
    assert f"`ejtui rollback {used}` goes on from there" in answer["standing"]["text"]
    assert "not-connected" not in {each["code"] for each in answer["findings"]}
    before = sums(lab, "second", lab.form.home("second"))
    for words in (("repair", "not-connected", "--node", "second"), ("join",)):
        ran = app(*words, "--yes")
        assert ran.returncode == 1, words
        assert f"{app.named} rollback {used}" in ran.stderr + ran.stdout, words
    assert sums(lab, "second", lab.form.home("second")) == before
    assert not lab.run("second", ["pidof", "beam.smp"], check=False).stdout.split()


@pytest.mark.catalogue
@pytest.mark.parametrize(
    ("share", "plain"),
    [
        pytest.param(0.5, False, id="half-named"),
        pytest.param(1.0, True, id="all-plain"),
        pytest.param(0.5, True, id="half-plain"),
        pytest.param(1.0, False, id="all-named"),
    ],
)
async def test_broken_off_while_it_sets_second_s_own_database_aside(
    fresh_lab: Lab, share: float, plain: bool
) -> None:
    """Going on sets the rest aside whole, also where ejabberd was started in between."""
    lab, node = fresh_lab, second(fresh_lab)
    await joined(lab)
    async with engine(lab) as one:
        await one.roll_back()
        used = (await listing.load(one.pair))[-1].stamp
    ctl(lab, "second", "register", "newbie", "chat.example", "secret")
    await break_off_the_set_aside(lab, used, share)
    nothing_starts(lab, used)
    async with engine(lab) as one:
        aside, goal, *_ = await listing.load(one.pair)
        assert (aside.stage, aside.towards, goal.stage) == ("moving", used, "restoring")
        with pytest.raises(StepFailed, match=f"ejtui rollback {used}` goes on"):
            await guarded_start.start(one.pair.second)
    if not plain:
        node.start()
        node.register("between")
        seen = Ejtui(lab).json("check")[1]["standing"]
        assert "incomplete database" in seen["text"]
    words = ["rollback"] if plain else ["rollback", used]
    status, answer = Ejtui(lab).json(*words, "--yes")
    assert status == 0, answer
    assert answer["set_aside"]["backup"] == aside.stamp
    assert ctl(lab, "second", "registered_users", "chat.example") == OWN
    assert Ejtui(lab).json("check")[0] == 0
    async with engine(lab) as one:
        kept = {each.stamp: each for each in await listing.load(one.pair)}[aside.stamp]
        assert (kept.stage, kept.own) == ("rolled-back", True)
        assert len(kept.between) == (0 if plain else 1)
        source = await bringover_source.find(one.pair, kept.stamp)
        assert "match its manifest" in await bringover_source.verify(one.pair, source)
        await one.roll_back(kept.stamp)
    assert ctl(lab, "second", "registered_users", "chat.example") == [*OWN, "newbie"]


@pytest.mark.catalogue
async def test_what_was_being_set_aside_comes_back_instead(fresh_lab: Lab) -> None:
    """An interrupted rollback can be undone: what second had is whole again."""
    lab = fresh_lab
    await joined(lab)
    async with engine(lab) as one:
        await one.roll_back()
        used = (await listing.load(one.pair))[-1].stamp
    ctl(lab, "second", "register", "newbie", "chat.example", "secret")
    await break_off_the_set_aside(lab, used, 0.5)
    async with engine(lab) as one:
        half, *_, oldest = await listing.load(one.pair)
        with pytest.raises(BackupError, match="was broken off while second's database moved"):
            await one.roll_back("19990101T000000Z")
        await one.roll_back(half.stamp)
        stages = {each.stamp: each.stage for each in await listing.load(one.pair)}
    assert stages[half.stamp] == stages[oldest.stamp] == "rolled-back"
    assert ctl(lab, "second", "registered_users", "chat.example") == [*OWN, "newbie"]
    assert Ejtui(lab).json("check")[0] == 0


@pytest.mark.catalogue
async def test_what_was_lost_on_its_way_aside_does_not_keep_second_down(fresh_lab: Lab) -> None:
    """A copy of the cluster's was being set aside; two of its files are nowhere any more."""
    lab, ejtui = fresh_lab, Ejtui(fresh_lab)
    await joined(lab)
    async with engine(lab) as one:
        [own] = await listing.load(one.pair)
    await break_off_the_set_aside(lab, own.stamp, 0.5)
    async with engine(lab) as one:
        half = (await listing.load(one.pair))[0]
    lab.run("second", ["rm", f"{lab.form.home('second')}/schema.DAT"])
    lab.run("second", ["sh", "-c", 'cd "$1"; rm "$(ls *.D* | head -n 1)"', "sh", half.database])
    before = sums(lab, "second", lab.form.home("second"))
    ran = ejtui("rollback", "--yes")
    assert ran.returncode == 1
    assert "schema.DAT" in ran.stderr
    assert "--accept files-not-there" in ran.stderr
    assert sums(lab, "second", lab.form.home("second")) == before
    status, answer = ejtui.json("rollback", "--yes", "--accept", "files-not-there")
    assert status == 0, answer
    assert ctl(lab, "second", "registered_users", "chat.example") == OWN
    assert ejtui.json("check")[0] == 0


@pytest.mark.catalogue
async def test_a_join_broken_off_half_way_and_a_file_of_second_s_own_lost(fresh_lab: Lab) -> None:
    """All that is left of second's own database comes back, if a person agrees."""
    lab, ejtui = fresh_lab, Ejtui(fresh_lab)
    async with engine(lab) as one:
        with broken_off(one, "move_files"):
            assert not await one.runner.run_on()
        [own] = await listing.load(one.pair)
    lab.run("second", ["sh", "-c", 'cd "$1"; rm "$(ls *.DAT | head -n 1)"', "sh", own.database])
    ran = ejtui("rollback", "--yes")
    assert ran.returncode == 1
    assert "--accept files-not-there" in ran.stderr
    assert not lab.run("second", ["pidof", "beam.smp"], check=False).stdout.split()
    status, answer = ejtui.json("rollback", "--yes", "--accept", "files-not-there")
    assert status == 0, answer
    assert ctl(lab, "second", "registered_users", "chat.example") == OWN
    assert ejtui.json("check")[0] == 0
