"""Second back to what it was: after a join, from the middle of one, and again."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time

import pytest

from ejtui import paths
from ejtui.cluster.backups import listing
from ejtui.cluster.backups.inventory import inventory
from ejtui.cluster.backups.manifest import DATABASE, FILE, Manifest
from ejtui.cluster.bring_over import source as bringover_source
from ejtui.cluster.errors import BackupError, Refused
from ejtui.cluster.run.events import Event, StepReport, StepStarted
from ejtui.config import load
from ejtui.lab.faults.node import MNESIA_FILES, LabNode, first, second
from ejtui.lab.faults.visitor import Visitor
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import (
    Engine,
    ctl,
    damaged,
    engine,
    joined,
    state_of,
    sums,
)
from tests.patience import SECONDS

OWN = ["guest"]


async def is_back(one: Engine) -> None:
    """Second runs alone with its own account, and first does not list it."""
    lab = one.lab
    assert ctl(lab, "second", "registered_users", "chat.example") == OWN
    assert ctl(lab, "second", "list_cluster") == ["ejabberd@second"]
    assert ctl(lab, "first", "list_cluster") == ["ejabberd@first"]
    assert len(ctl(lab, "first", "registered_users", "chat.example")) == 25
    facts = await one.pair.refresh()
    assert facts.first.db_nodes == ("ejabberd@first",)
    assert facts.first.cookie.digits != facts.second.cookie.digits
    assert await one.at_hand() == "cookies"


async def test_after_a_join(fresh_lab: Lab) -> None:
    """A backup that was changed is not restored without a word; as it was made, it is."""
    home = fresh_lab.form.home("second")
    await joined(fresh_lab)
    ctl(fresh_lab, "second", "register", "newcomer", "chat.example", "secret")
    async with engine(fresh_lab) as one:
        [manifest] = await listing.load(one.pair)
        noted = {file.name: file.sha256 for file in manifest.files}
        one.yes = False
        with (
            damaged(fresh_lab, "second", f"{manifest.database}/passwd.DAT"),
            pytest.raises(Refused),
        ):
            await one.roll_back()
        assert "passwd.DAT" in one.questions[0].takes[1]
        one.yes = True
        assert await one.at_hand() == "", "second is still joined"
        one.questions.clear()
        assert sums(fresh_lab, "second", manifest.database) == noted
        evidence = await one.roll_back()
        assert f"{len(noted)} files in {home} have the checksums" in evidence[0]
        assert sums(fresh_lab, "second", manifest.database) == noted, "the backup itself stays"
        assert "guest@chat.example" in one.questions[0].takes[1]
        assert "26 accounts" in one.questions[0].takes[2]
        assert ctl(fresh_lab, "first", "registered_users", "chat.example").count("newcomer") == 1
        ctl(fresh_lab, "first", "unregister", "newcomer", "chat.example")
        await is_back(one)
        aside, manifest = await listing.load(one.pair)
        assert manifest.stage == "rolled-back"
        assert (aside.reason, aside.own) == ("rollback", False)
        kept = sums(fresh_lab, "second", aside.database)
        assert "schema.DAT" in kept, "the joined database is set aside, not deleted"
        assert kept == {file.name: file.sha256 for file in aside.files}
        with pytest.raises(BackupError, match="no backup of a join"):
            await one.roll_back()
        await _found_without_its_manifest(one, aside)


async def _found_without_its_manifest(one: Engine, aside: Manifest) -> None:
    """What nobody noted anything of is listed all the same, and can be brought over."""
    one.lab.run("second", ["rm", f"{aside.place}/{FILE}"])
    name = f"{aside.stamp}/{DATABASE}"
    [found] = [each for each in await inventory(one.pair, read=True) if each.name == name]
    assert found.uses == ("bring-over",)
    assert found.accounts is not None
    assert len(found.accounts) == 26
    source = await bringover_source.find(one.pair, name)
    assert "records read" in await bringover_source.verify(one.pair, source)
    assert (await bringover_source.find(one.pair, (await listing.load(one.pair))[0].stamp)).manifest


@pytest.mark.catalogue
async def test_a_no_changes_nothing(lab: Lab) -> None:
    await joined(lab)
    async with engine(lab) as one:
        one.yes = False
        with pytest.raises(Refused):
            await one.roll_back()
        assert await one.at_hand() == ""


@pytest.mark.catalogue
@pytest.mark.parametrize("steps", [("cleandb",), ("quit",), ("cookies", "sync")], ids=" ".join)
async def test_from_the_middle_of_a_join(fresh_lab: Lab, steps: tuple[str, ...]) -> None:
    for step in steps:
        async with engine(fresh_lab) as one:
            assert await one.runner.run_on(step), (step, one.last)
            await one.roll_back()
            await is_back(one)
    async with engine(fresh_lab) as one:
        assert await one.runner.run_on(), one.last


@pytest.mark.catalogue
@pytest.mark.parametrize("delay", [0.1, 1.5])
async def test_broken_off_and_done_again(fresh_lab: Lab, delay: float) -> None:
    await joined(fresh_lab)
    async with engine(fresh_lab) as one:
        started = asyncio.Event()
        one.on_event = lambda event: started.set() if isinstance(event, StepStarted) else None
        run = asyncio.create_task(one.roll_back())
        await asyncio.wait_for(started.wait(), SECONDS)
        await asyncio.wait({run}, timeout=delay)
        run.cancel()
        await asyncio.wait({run})
    async with engine(fresh_lab) as one:
        if run.cancelled():
            await one.roll_back()
        await is_back(one)


class Companion(Visitor):
    """Another member of the cluster that second belongs to."""

    @property
    def host(self) -> LabNode:
        return second(self.lab)


_IS_EJABBERD = """
ok = application:load({application, ejabberd, [{vsn, "0"}, {modules, []}, {registered, []},
                                               {applications, [kernel, stdlib]}]}),
ok = application:start(ejabberd)
"""


@pytest.mark.catalogue
async def test_back_into_a_cluster_of_its_own(fresh_lab: Lab) -> None:
    """Second then runs with its other members, not alone."""
    other = Companion(fresh_lab, "other")
    other.join()
    other.settle()
    other.host.ask(_IS_EJABBERD, node=other.name)
    await joined(fresh_lab)
    async with engine(fresh_lab) as one:
        evidence = await one.roll_back()
        facts = await one.pair.refresh()
        assert set(facts.second.running_db_nodes) == {"ejabberd@second", other.name}
        assert f"second is a member of its own cluster again, with {other.name}" in evidence
        assert ctl(fresh_lab, "second", "registered_users", "chat.example") == OWN


@pytest.mark.catalogue
async def test_first_is_killed_when_it_has_just_forgotten_second(fresh_lab: Lab) -> None:
    """What Mnesia had not written yet is gone, so that first knows second again."""
    await joined(fresh_lab)
    node, before = first(fresh_lab), "/var/tmp/before"
    files = [node.home, "-maxdepth", "1", *MNESIA_FILES]
    second(fresh_lab).stop()
    node.kill()
    node.run("mkdir", before)
    node.run("find", *files, "-exec", "cp", "-p", "-t", before, "{}", "+")
    node.start()
    seen: list[str] = []
    async with engine(fresh_lab) as one:

        def killed(event: Event) -> None:
            if isinstance(event, StepReport) and event.line.startswith("first has forgotten"):
                one.on_event = lambda _: None
                seen.append(event.line)
                node.kill()
                node.run("find", *files, "-delete")
                node.run("sh", "-c", f"cp -p {before}/* {node.home}")
                node.start()

        one.on_event = killed
        await one.roll_back()
        assert seen
    async with engine(fresh_lab) as one:
        await is_back(one)


async def test_an_unknown_backup(lab: Lab) -> None:
    async with engine(lab) as one:
        with pytest.raises(BackupError, match="there is no backup 2001"):
            await one.roll_back("2001")


@pytest.mark.catalogue
@pytest.mark.parametrize("step", ["cleandb", "start"])
async def test_killed_within_a_step(fresh_lab: Lab, step: str) -> None:
    """kill -9 a moment after it began: the next ejtui goes on from there, and rolls back."""
    _killed(fresh_lab, step, 0.15)
    async with engine(fresh_lab) as one:
        assert await one.runner.run_on(), one.last
        assert len(ctl(fresh_lab, "second", "registered_users", "chat.example")) == 25
        await one.roll_back()
        await is_back(one)


def _killed(lab: Lab, step: str, after: float) -> None:
    """`ejtui join --yes`, killed `after` seconds into the step."""
    journal = paths.journal_file(load(lab.config_path).pair)
    before = journal.stat().st_size if journal.exists() else 0
    command = [sys.executable, "-m", "ejtui", "--config", str(lab.config_path), "join", "--yes"]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + SECONDS
    sign = f'"event": "started", "step": "{step}"'.encode()
    while not (journal.exists() and sign in journal.read_bytes()[before:]):
        assert child.poll() is None, f"it ended before {step}"
        assert time.monotonic() < end, f"it did not come to {step}"
        time.sleep(0.005)
    # Not a wait for anything: somewhere within the step is what this aims at.
    time.sleep(after)
    child.send_signal(signal.SIGKILL)
    child.wait()


@pytest.mark.catalogue
def test_a_kept_file_that_was_changed_stops_nothing(fresh_lab: Lab) -> None:
    """The kept ejabberd.yml is a link by now: second runs on; without it second goes back."""
    ejtui = Ejtui(fresh_lab)
    differ = "echo 'max_fsm_queue: 1000' >>/etc/ejabberd/ejabberd.yml; ejabberdctl reload_config"
    fresh_lab.run("first", ["sh", "-c", differ])
    for words in (("join",), ("config", "--take", "max_fsm_queue")):
        ran = ejtui(*words, "--yes")
        assert ran.returncode == 0, ran.stderr
    kept = 'cd "$1"; cd ejtui-backups/2*; rm ejabberd.yml; '
    home = fresh_lab.form.home("second")
    fresh_lab.run("second", ["sh", "-c", f"{kept} ln -s /etc/shadow ejabberd.yml", "sh", home])
    before = state_of(fresh_lab, "second")
    status, answer = ejtui.json("rollback", "--yes")
    assert (status, state_of(fresh_lab, "second")) == (1, before), answer
    assert "ejabberd.yml on second is not as it was kept" in answer["error"]["message"]
    fresh_lab.run("second", ["sh", "-c", kept, "sh", home])
    status, answer = ejtui.json("rollback", "--yes")
    assert status == 0, answer
    assert ctl(fresh_lab, "second", "registered_users", "chat.example") == ["guest"]


@pytest.mark.catalogue
def test_a_file_that_was_changed_before_the_join_comes_back_alone(fresh_lab: Lab) -> None:
    """A rollback of the join restores the file of the join; by name the one before that."""
    ejtui = Ejtui(fresh_lab)
    path = "/etc/ejabberd/ejabberd.yml"

    def own() -> str:
        return fresh_lab.run("second", ["cat", path]).stdout.decode()

    def edit(host: str, line: str) -> None:
        script = 'echo "$1" >>/etc/ejabberd/ejabberd.yml; ejabberdctl reload_config'
        fresh_lab.run(host, ["sh", "-c", script, "sh", line])

    edit("first", "max_fsm_queue: 1000")
    oldest = own()
    for words in (("config", "--take", "max_fsm_queue"), ("join",)):
        if words == ("join",):
            at_the_join = own()
        ran = ejtui(*words, "--yes")
        assert ran.returncode == 0, ran.stderr
    edit("second", "registration_timeout: 30")
    edited = own()
    ran = ejtui("rollback", "--yes")
    assert ran.returncode == 0, ran.stderr
    assert own() == edited, "the join has not changed it, and neither does its rollback"
    assert at_the_join != oldest
    _, answer = ejtui.json("backups")
    [file] = [each for each in answer["backups"] if "restore-file" in each["uses"]]
    assert file["name"] in ran.stdout + ran.stderr
    status, answer = ejtui.json("rollback", file["name"], "--yes")
    assert status == 0, answer
    assert own() == oldest
    _, answer = ejtui.json("backups")
    [_, other] = sorted(
        (each for each in answer["backups"] if "restore-file" in each["uses"]),
        key=lambda each: str(each["used"]), reverse=True,
    )  # fmt: skip
    now = fresh_lab.run("second", ["cat", f"{other['path']}/ejabberd.yml"]).stdout
    assert now.decode() == edited
