"""Files of second's backup were damaged: what is left comes back if a person agrees."""

from __future__ import annotations

import pytest

from ejtui.cluster.backups import listing
from ejtui.cluster.backups.manifest import Manifest
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import broken_off, ctl, engine, joined, state_of, sums

# One more byte; a header that is none; bytes within a log.
DAMAGE = """
cd "$1"
mkdir /root/undamaged
cp -p vcard.DAT last_activity.DAT vcard_search.DCD /root/undamaged/
echo >>vcard.DAT
dd if=/dev/zero of=last_activity.DAT bs=64 count=4 conv=notrunc
dd if=/dev/urandom of=vcard_search.DCD bs=1 seek=40 count=30 conv=notrunc
"""
DAMAGED = ("vcard.DAT", "last_activity.DAT", "vcard_search.DCD")


def damage(lab: Lab, manifest: Manifest, script: str = DAMAGE) -> None:
    lab.run("second", ["sh", "-euc", script, "sh", manifest.database])


async def backup_of(lab: Lab) -> Manifest:
    async with engine(lab) as one:
        return (await listing.load(one.pair))[0]


@pytest.mark.catalogue
async def test_damaged_files_come_back_with_a_word_as_far_as_mnesia_opens_them(
    fresh_lab: Lab,
) -> None:
    lab, ejtui = fresh_lab, Ejtui(fresh_lab)
    await joined(lab)
    own = await backup_of(lab)
    damage(lab, own)
    before, torn = state_of(lab, "second"), sums(lab, "second", own.database)
    status, answer = ejtui.json("rollback", "--yes")
    question = answer["error"]["question"]
    assert (status, question["consent"]) == (1, "files-changed"), answer
    assert (answer["changed"], state_of(lab, "second")) == (False, before)
    text = "\n".join(question["takes"])
    listed = {file.name: file for file in own.files}
    for name in DAMAGED:
        assert f"it had {listed[name].size} bytes, SHA-256 {listed[name].sha256}" in text
        assert f"now, SHA-256 {torn[name]}" in text
    assert "vcard.DAT (table vcard: vCard)" in text
    assert "last_activity.DAT has" in text
    assert "Mnesia cannot open it, so it stays in the backup" in text
    assert "first.BUP" in text
    ran = ejtui("rollback", "--yes")
    assert (ran.returncode, "--accept files-changed" in ran.stderr) == (1, True), ran.stderr

    status, answer = ejtui.json("rollback", "--yes", "--accept", "files-changed")
    assert status == 0, answer
    assert ctl(lab, "second", "registered_users", "chat.example") == ["guest"]
    assert ejtui.json("check")[0] == 0
    assert sums(lab, "second", own.database) == torn, "the backup stays as it is"
    assert answer["set_aside"]["backup"]

    again = 'cp -p /root/undamaged/* "$1"/'
    damage(lab, own, again)
    status, answer = ejtui.json("rollback", own.stamp, "--yes")
    assert status == 0, answer
    assert ctl(lab, "second", "registered_users", "chat.example") == ["guest"]
    whole = sums(lab, "second", own.database)
    assert whole == {file.name: file.sha256 for file in own.files}


async def test_what_can_be_read_of_a_damaged_backup_is_brought_over(fresh_lab: Lab) -> None:
    """A changed file, a lost one, and one that nothing can open: each has a way on."""
    lab, ejtui = fresh_lab, Ejtui(fresh_lab)
    await joined(lab)
    own = await backup_of(lab)
    before = ctl(lab, "first", "registered_users", "chat.example")
    damage(lab, own)
    ran = ejtui("bring-over", "--yes")
    assert (ran.returncode, "--accept files-changed" in ran.stderr) == (1, False), ran.stderr
    again = f"`{ejtui.named} bring-over {own.stamp} --accept files-not-there`"
    assert again in " ".join(ran.stderr.split()), ran.stderr
    assert "nothing can open last_activity.DAT" in " ".join(ran.stderr.split())

    damage(lab, own, 'cd "$1"; mv last_activity.DAT ..')
    lost, changed = ("--accept", "files-not-there"), ("--accept", "files-changed")
    status, answer = ejtui.json("bring-over", own.stamp, "--yes")
    assert (status, answer["error"]["question"]["consent"]) == (1, "files-not-there"), answer
    assert "last_activity.DAT" in answer["error"]["question"]["takes"][0]
    status, answer = ejtui.json("bring-over", own.stamp, "--yes", *lost)
    assert (status, answer["error"]["question"]["consent"]) == (1, "files-changed"), answer
    takes = "\n".join(answer["error"]["question"]["takes"])
    assert "vcard.DAT (table vcard: vCard): it had" in takes
    assert ctl(lab, "first", "registered_users", "chat.example") == before
    status, answer = ejtui.json("bring-over", own.stamp, "--yes", *lost, *changed)
    assert status == 0, answer
    assert "lost: 1, read as they are: 2" in answer["backup"]["verified"]
    for host in ("first", "second"):
        assert "guest" in ctl(lab, host, "registered_users", "chat.example")


@pytest.mark.catalogue
async def test_a_damaged_schema_and_damaged_passwords(fresh_lab: Lab) -> None:
    """Without its schema nothing comes back; accounts that cannot come back are named."""
    lab, ejtui = fresh_lab, Ejtui(fresh_lab)
    await joined(lab)
    own = await backup_of(lab)
    zero = 'cd "$1"; cp -p {0} /root/{0}; dd if=/dev/zero of={0} bs=64 count=4 conv=notrunc'
    damage(lab, own, zero.format("schema.DAT"))
    before = state_of(lab, "second")
    status, answer = ejtui.json("rollback", "--yes", "--accept", "files-changed")
    assert (status, state_of(lab, "second")) == (1, before), answer
    assert "Without schema.DAT nothing else is a database" in answer["error"]["message"]
    assert "first.BUP" in answer["error"]["message"]

    damage(lab, own, 'cp -p /root/schema.DAT "$1"/')
    damage(lab, own, zero.format("passwd.DAT"))
    status, answer = ejtui.json("rollback", "--yes", "--accept", "files-changed")
    question = answer["error"]["question"]
    assert (status, question["consent"]) == (1, "accounts-not-there"), answer
    assert "guest@chat.example" in question["takes"][0]
    words = ("--accept", "files-changed", "--accept", "accounts-not-there")
    status, answer = ejtui.json("rollback", "--yes", *words)
    assert status == 0, answer
    assert ctl(lab, "second", "registered_users", "chat.example") == []
    assert ejtui.json("check")[0] == 0


@pytest.mark.catalogue
async def test_a_join_broken_off_half_way_and_a_file_in_the_backup_damaged(
    fresh_lab: Lab,
) -> None:
    lab, ejtui = fresh_lab, Ejtui(fresh_lab)
    async with engine(lab) as one:
        with broken_off(one, "move_files"):
            assert not await one.runner.run_on()
        [own] = await listing.load(one.pair)
    damage(lab, own, 'echo >>"$(ls -d "$1"/*.DAT | head -n 1)"')
    ran = ejtui("join", "--yes")
    assert (ran.returncode, "--accept files-changed" in ran.stdout + ran.stderr) == (1, True)
    assert not lab.run("second", ["pidof", "beam.smp"], check=False).stdout.split()
    status, answer = ejtui.json("rollback", "--yes", "--accept", "files-changed")
    assert status == 0, answer
    assert ctl(lab, "second", "registered_users", "chat.example") == ["guest"]
    assert ejtui.json("check")[0] == 0
    assert ejtui("join", "--yes").returncode == 0
