"""Backups on a real second: broken-off moves, jumping clocks, forged and damaged manifests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ejtui.cluster.backups import guarded_start, listing
from ejtui.cluster.errors import BackupError, ClusterError, StepFailed
from ejtui.cluster.join.check import check
from ejtui.cluster.join.steps import step_of
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.run.events import StepReport
from ejtui.config import load
from ejtui.erlang.probe.client import ProbeError
from ejtui.lab.faults.node import second
from ejtui.lab.lab import Lab
from ejtui.platforms.platform import BACKUPS
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import Engine, broken_off, ctl, engine, sums
from tests.lab.cluster.hostile import as_service

OWN = ["guest"]
FUTURE = "20990101T000000Z"


async def break_off_the_move(one: Engine, share: float = 0.5) -> None:
    """A join that ends when this share of second's files has been moved."""
    assert await one.runner.run_on("nodes"), one.last
    with broken_off(one, "move_files", share):
        assert not await one.runner.run_on("cleandb")


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
