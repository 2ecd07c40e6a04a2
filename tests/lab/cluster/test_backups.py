"""Backups on a real second: broken-off moves, jumping clocks, forged and damaged manifests."""

from __future__ import annotations

import json

import pytest

from ejtui.cluster.backups import guarded_start, listing
from ejtui.cluster.errors import ClusterError, StepFailed
from ejtui.cluster.join.check import check
from ejtui.cluster.join.steps import step_of
from ejtui.cluster.run.events import StepReport
from ejtui.erlang.probe.client import ProbeError
from ejtui.lab.faults.node import second
from ejtui.lab.lab import Lab
from ejtui.platforms.platform import BACKUPS
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import broken_off, ctl, engine, sums
from tests.lab.cluster.hostile import as_service
from tests.lab.cluster.test_backups_half_moved import break_off_the_move

OWN = ["guest"]
FUTURE = "20990101T000000Z"


def backups(lab: Lab) -> str:
    return f"{lab.form.home('second')}/{BACKUPS}"


def write(lab: Lab, name: str, content: str, owner: str = "ejabberd", mode: str = "600") -> str:
    """A manifest below second's backups; its path."""
    folder = f"{backups(lab)}/{name}"
    script = (
        'install -d -o ejabberd -g ejabberd -m 700 "$1" "$2"; printf %s "$3" > "$2/manifest.json";'
        'chown "$4" "$2/manifest.json"; chmod "$5" "$2/manifest.json"'
    )
    words = ["sh", "-euc", script, "sh", backups(lab), folder, content, owner, mode]
    lab.run("second", words)
    return f"{folder}/manifest.json"


def a_manifest(**values: object) -> str:
    """A line that a join of the pair could have written, but for `values`."""
    line = {
        "format": 1,
        "stamp": FUTURE,
        "first": "ejabberd@first",
        "second": "ejabberd@second",
        "stage": "rolled-back",
        "directory": "/var/lib/ejabberd",
        "place": f"/var/lib/ejabberd/ejtui-backups/{FUTURE}",
        "created": "2099-01-01T00:00:00+00:00",
        "by": "op@ahead",
        "was_running": True,
        "cookie": "",
        "accounts": [],
        "files": [],
        "first_backup": None,
        "joined": [],
    }
    return json.dumps(line | values)


async def test_an_unfinished_backup_comes_before_every_clock(fresh_lab: Lab) -> None:
    """A used-up backup from a clock that was ahead does not hide the one that is being filled."""
    write(fresh_lab, FUTURE, a_manifest())
    own = sums(fresh_lab, "second", fresh_lab.form.home("second"))
    async with engine(fresh_lab) as one:
        await break_off_the_move(one)
    async with engine(fresh_lab) as one:
        with pytest.raises(ClusterError, match="a part of its database is in"):
            await guarded_start.start(one.pair.second)
        assert await one.runner.run_on("cleandb"), one.last
        current, old = await listing.load(one.pair)
        assert old.stamp == FUTURE
        assert not current.stamp.startswith("2099")
        assert sums(fresh_lab, "second", current.database).keys() == own.keys()
        assert current.accounts == ("guest@chat.example",)
        await one.roll_back()
        assert ctl(fresh_lab, "second", "registered_users", "chat.example") == OWN
        assert await one.runner.run_on("cookies"), one.last
        newest, *_ = await listing.load(one.pair)
        assert newest.stage == "begun"
        assert [each.number for each in await listing.load(one.pair)] == [2, 1, 0]


@pytest.mark.catalogue
async def test_a_name_that_is_no_text_is_moved_and_comes_back(fresh_lab: Lab) -> None:
    """The service user may call a file as it likes, also what is no UTF-8."""
    as_service(fresh_lab, "echo odd >\"$(printf '\\377\\344.DCD')\"")
    before = _named(fresh_lab, fresh_lab.form.home("second"))
    assert b"\xff\xe4.DCD" in before
    async with engine(fresh_lab) as one:
        assert await one.runner.run_on(), one.last
        [manifest] = await listing.load(one.pair)
        assert "\udcff\udce4.DCD" in {file.name for file in manifest.files}
        assert _named(fresh_lab, manifest.database) == before
        await one.roll_back()
    assert b"\xff\xe4.DCD" in _named(fresh_lab, fresh_lab.form.home("second"))


def _named(lab: Lab, directory: str) -> list[bytes]:
    """The names of second's tables in memory and on disk in a directory, byte by byte."""
    script = 'cd "$1" && find . -maxdepth 1 -name "*.DCD" -printf "%f\\n" | LC_ALL=C sort'
    return lab.run("second", ["sh", "-c", script, "sh", directory]).stdout.split()


@pytest.mark.catalogue
async def test_what_a_join_left_is_no_finding(fresh_lab: Lab) -> None:
    """Between two steps: second is empty and stopped by the join's own doing."""
    async with engine(fresh_lab) as one:
        assert await one.runner.run_on("cleandb"), one.last
    status, answer = Ejtui(fresh_lab).json("check")
    assert (status, answer["findings"]) == (1, [])
    assert (answer["standing"]["step"], answer["standing"]["number"]) == ("config", 6)
    ran = Ejtui(fresh_lab)("repair", "not-connected", "--node", "second", "--yes")
    assert ran.returncode == 1
    assert f"A join stands at step {step_of('config').number}" in ran.stderr + ran.stdout
    for step in ("config", "tables"):
        async with engine(fresh_lab) as one:
            assert await one.runner.run_on(step), one.last
        async with engine(fresh_lab) as one:
            seen = await check(one.pair)
            assert seen.findings == (), step
            assert seen.half_done is not None


HOSTILE = {
    "damaged": ('{"format": 1, "stage": "mov', {}),
    "others-may-write": (a_manifest(), {"mode": "666"}),
    "of-another": (a_manifest(), {"owner": "nobody"}),
    "cookie": (a_manifest(files=[{"name": ".erlang.cookie", "size": 1, "sha256": "a" * 64}]), {}),
    "upwards": (a_manifest(joined=["../../.."]), {}),
}


async def test_manifests_that_cannot_be_believed_are_named_and_left_out(fresh_lab: Lab) -> None:
    lab = fresh_lab
    paths = [write(lab, f"2020-{name}", text, **how) for name, (text, how) in HOSTILE.items()]
    elsewhere = "/tmp/elsewhere"
    write(
        lab,
        "20260101T000000Z",
        a_manifest(stage="begun", place=elsewhere, directory="/etc", stamp="../../../x"),
    )
    huge = write(lab, "2020-huge", "")
    target = write(lab, "2019-target", a_manifest())
    script = (
        'truncate -s 2G "$1"; cd "$2"; mkdir /tmp/off; cp -a 2019-target/. /tmp/off/; '
        "rm -r 2019-target; ln -s /tmp/off 2019-target; mkdir -m 700 /tmp/elsewhere"
    )
    lab.run("second", ["sh", "-euc", script, "sh", huge, backups(lab)])
    paths += [huge, target.rpartition("/")[0]]
    async with engine(lab) as one:
        assert await one.runner.run_on(), one.last
        said = "\n".join(event.line for event in one.of(StepReport))
        for path in paths:
            assert f"a backup is left out: {path}:" in said
        [manifest] = await listing.load(one.pair)
        assert manifest.place == f"{backups(lab)}/20260101T000000Z"
        assert manifest.stamp == "20260101T000000Z"
        assert manifest.directory == lab.form.home("second")
        listed = lab.run("second", ["find", elsewhere, "/tmp/off", "-newer", huge]).stdout
        assert listed.split() in ([], [elsewhere.encode()])
        await one.roll_back()
    assert ctl(lab, "second", "registered_users", "chat.example") == OWN
    _, answer = Ejtui(lab).json("check")
    assert len(answer["backups_left_out"]) == len(paths)


@pytest.mark.catalogue
async def test_backups_on_another_file_system(fresh_lab: Lab) -> None:
    lab = fresh_lab
    mount = 'install -d -o ejabberd -m 700 "$1"; mount -t tmpfs -o "size=$2,mode=700" none "$1"'
    own = 'chown ejabberd: "$1"'

    def mounted(size: str) -> None:
        lab.run("second", ["sh", "-euc", f"{mount}; {own}", "sh", backups(lab), size])

    before = sums(lab, "second", lab.form.home("second"))
    try:
        for small in ("64k", "200m,nr_inodes=20"):
            mounted(small)
            async with engine(lab) as one:
                assert not await one.runner.run_on(), "there is no room"
                assert one.last.id == "preflight"
                assert "backups" in one.last.detail
                assert one.pair.facts.second.ejabberd, "nothing was stopped"
            lab.run("second", ["umount", backups(lab)])
        mounted("200m")
        async with engine(lab) as one:
            assert await one.runner.run_on(), one.last
            [manifest] = await listing.load(one.pair)
            assert sums(lab, "second", manifest.database).keys() == before.keys()
            await one.roll_back()
        assert ctl(lab, "second", "registered_users", "chat.example") == OWN
    finally:
        lab.run("second", ["umount", backups(lab)])


_ON_DISK = """
d=$(mktemp -d /opt/ejtui-test-XXXXXX)
cp -a "$1/." "$d"
chown ejabberd: "$d"
mount --bind "$d" "$1"
install -d -o ejabberd -m 700 "$2"
mount -t tmpfs -o size=1g,mode=700 none "$2"
chown ejabberd: "$2"
echo "$d"
"""


@pytest.mark.catalogue
def test_no_backup_goes_into_memory(fresh_lab: Lab) -> None:
    """The database is on a disk, and somebody has put a tmpfs where its backups go."""
    lab, ejtui = fresh_lab, Ejtui(fresh_lab)
    home = lab.form.home("second")
    node = second(lab)
    node.stop()
    made = lab.run("second", ["sh", "-euc", _ON_DISK, "sh", home, backups(lab)]).stdout.split()[-1]
    try:
        node.start()
        status, answer = ejtui.json("check")
        [finding] = answer["findings"]
        assert (status, finding["code"], finding["node"]) == (1, "disc-full", "second"), answer
        assert "tmpfs" in str(finding["evidence"])
        assert "backup_dir in [nodes.second]" in finding["repair"]
        status, answer = ejtui.json("join", "--yes")
        assert (status, finding["title"] in str(answer)) == (1, True), answer
        lab.run("second", ["umount", backups(lab)])
        status, answer = ejtui.json("check")
        assert (status, answer["findings"]) == (0, []), answer
    finally:
        node.kill()
        lab.run("second", ["umount", "-R", home], check=False)
        lab.run("second", ["rm", "-rf", made.decode()])


@pytest.mark.catalogue
async def test_a_rollback_that_was_broken_off_while_it_copied(fresh_lab: Lab) -> None:
    """Nothing starts on the half-restored database; a join and a rollback go on."""
    async with engine(fresh_lab) as one:
        assert await one.runner.run_on("cleandb"), one.last
        with broken_off(one, "restore_files"), pytest.raises(ProbeError):
            await one.roll_back()
        with pytest.raises(StepFailed, match="rollback was broken off"):
            await guarded_start.start(one.pair.second)
        assert await one.runner.run_on("cleandb"), one.last
        [manifest] = await listing.load(one.pair)
        assert manifest.stage == "moved"
        await one.roll_back()
    assert ctl(fresh_lab, "second", "registered_users", "chat.example") == OWN
