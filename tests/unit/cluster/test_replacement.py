"""Second's ejabberd.yml written: whatever ends that, the former file is back, or named."""

from __future__ import annotations

import asyncio
import subprocess
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cli.commands import config as command
from ejtui.cli.main import main
from ejtui.cluster.administration.document import BadFile
from ejtui.cluster.backups import folders
from ejtui.cluster.backups.files import config_copy
from ejtui.cluster.carry_over import certificates, comparison, replacement
from ejtui.cluster.carry_over.request import Prepared
from ejtui.cluster.carry_over.run import Taken
from ejtui.cluster.diagnosis import own_file
from ejtui.cluster.errors import BackupError, StepFailed
from ejtui.cluster.operations.files import config_file
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts.host import Output
from ejtui.platforms.platform import STEERED
from tests.samples import PLATFORM
from tests.unit.cli.test_repair import PAIR

FORMER, NEW = "auth_method: sql\n", "auth_method: mnesia\n"
PATH = PLATFORM.config_file
KEPT = f"/kept/{config_file.NAME}"


def _sum(text: str) -> str:
    return sha256(text.encode()).hexdigest()


class Second:
    """A host with the file, whose ejabberd runs; `when` is what happens right after each act."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.files = {PATH: FORMER}
        self.loads: list[str] = []
        self.lost = False
        self.unread: BadFile | None = None
        self.ran: list[list[str]] = []
        self.when: dict[str, Any] = {}
        self.node: Any = SimpleNamespace(
            name="second", platform=PLATFORM, host=self, refresh=self.refresh
        )
        for module, name, does in (
            (config_copy, "keep", self.keep),
            (config_copy, "checksum", self.checksum),
            (config_copy, "note_written", self.remove),
            (config_file, "read", self.read),
            (config_file, "stage", self.stage),
            (config_file, "check", self.check),
            (config_file, "replace", self.replace),
            (certificates, "remove", self.remove),
        ):
            monkeypatch.setattr(module, name, does)

    def context(self) -> Any:
        return SimpleNamespace(
            pair=SimpleNamespace(second=self.node), refresh=self.both, say=lambda _: None
        )

    async def run(self, argv: list[str], **_: object) -> Output:
        self.ran.append(argv)
        if argv[-1] == "reload_config":
            self.loads.append(self.files[PATH])
            await self.happens("reload")
        return Output(0, b"", b"")

    async def refresh(self) -> Any:
        return SimpleNamespace(ejabberd=True)

    async def both(self) -> Any:
        await self.happens("refresh")
        return SimpleNamespace(second=await self.refresh())

    async def keep(self, _: object) -> str:
        self.files[KEPT] = self.files[PATH]
        return KEPT.rpartition("/")[0]

    async def read(self, _: object) -> None:
        if self.unread is not None:
            raise self.unread

    async def checksum(self, _: object, path: str) -> str:
        if self.lost:
            raise ProbeError("lost", "the connection to second dropped")
        return _sum(self.files[path])

    async def stage(self, _: object, new: str, text: str) -> None:
        self.files[new] = text

    async def check(self, *_: object) -> str:
        await self.happens("check")
        return ""

    async def replace(self, _: object, source: str, new: str, former: str = "") -> None:
        assert _sum(self.files[source]) == new
        if former and _sum(self.files[PATH]) != former:
            raise config_file.FileChanged("it has changed since it was read")
        self.files[PATH] = self.files[source]
        await asyncio.sleep(0)
        await self.happens("back" if source == KEPT else "replaced")
        await asyncio.sleep(0)

    async def remove(self, *_: object) -> None:
        return None

    async def happens(self, what: str) -> None:
        if does := self.when.pop(what, None):
            does()
            await asyncio.sleep(0)


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> Second:
    return Second(monkeypatch)


async def write(second: Second, *, cancelled_at: tuple[str, ...] = ()) -> list[str]:
    carried: Any = SimpleNamespace(
        text=NEW, diff=("+x",), taken=("auth_method",), values=(), hidden=frozenset()
    )
    task = asyncio.create_task(replacement.write(second.context(), Prepared(carried, _sum(FORMER))))
    for each in cancelled_at:
        second.when[each] = task.cancel
    return await task


@pytest.mark.parametrize(
    "moments",
    [
        ("replaced",),
        ("refresh",),
        ("reload",),
        ("check",),
        ("replaced", "back"),
        ("reload", "back"),
    ],
    ids=" and ".join,
)
async def test_an_interruption_brings_the_former_file_back(
    second: Second, moments: tuple[str, ...]
) -> None:
    with pytest.raises(asyncio.CancelledError):
        await write(second, cancelled_at=moments)
    assert second.files[PATH] == FORMER
    assert second.loads in ([], [NEW, FORMER])


@pytest.mark.parametrize("moment", ["replaced", "refresh"])
async def test_where_the_host_is_lost_it_is_said_where_the_former_file_lies(
    second: Second, moment: str
) -> None:
    def lost() -> None:
        second.lost = True
        raise StepFailed("the line dropped while a command ran")

    second.when[moment] = lost
    with pytest.raises(BackupError) as error:
        await write(second)
    assert "may be the new one" in str(error.value)
    assert f"kept there as {KEPT}" in str(error.value)
    assert f"`cp {KEPT} {PATH}`" in str(error.value)


async def test_what_is_no_file_any_more_is_named_before_anything_is_kept(second: Second) -> None:
    why = own_file.unreadable("second", "eftype", "it is no regular file")
    second.unread = BadFile(PATH, 0, why)
    with pytest.raises(BadFile, match="no regular file; put the file itself there"):
        await write(second)
    assert (second.files, second.ran) == ({PATH: FORMER}, [])


async def test_a_new_file_that_a_killed_run_has_left_goes_with_the_next(
    second: Second, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [tmp_path / name / config_copy.NEW for name in ("A", "B/config-C")]
    others = [tmp_path / "A" / config_file.NAME, tmp_path / "A/database" / config_copy.NEW]
    for each in (*left, *others):
        each.parent.mkdir(parents=True, exist_ok=True)
        each.write_text(NEW)
    monkeypatch.setattr(folders, "root", lambda _: str(tmp_path))

    def refused() -> None:
        raise StepFailed("ejabberd's own reader did not answer")

    second.when["check"] = refused
    with pytest.raises(StepFailed):
        await write(second)
    for argv in second.ran:
        if config_copy.NEW in " ".join(argv):
            await asyncio.to_thread(subprocess.run, argv, check=True)
    assert [each.exists() for each in left] == [False, False]
    assert [each.exists() for each in others] == [True, True], "what is no file of ejtui's stays"


async def test_a_colleague_s_edit_stays(second: Second) -> None:
    second.when["check"] = lambda: second.files.update({PATH: "edited: 1\n"})
    with pytest.raises(config_file.FileChanged):
        await write(second)
    assert second.files[PATH] == "edited: 1\n"


async def test_a_colleague_s_edit_of_the_new_file_stays(second: Second) -> None:
    def edited() -> None:
        second.files[PATH] = "edited: 1\n"
        raise StepFailed("the lock was lost")

    second.when["refresh"] = edited
    with pytest.raises(BackupError, match="somebody has edited it since, and it stays"):
        await write(second)
    assert second.files[PATH] == "edited: 1\n"


async def test_what_could_not_be_compared_is_not_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuses(_: object) -> None:
        raise StepFailed("ejabberd on second has not loaded its settings")

    async def refresh() -> None:
        return None

    monkeypatch.setattr(comparison, "loaded", refuses)
    pair: Any = SimpleNamespace(refresh=refresh)
    found, why = await comparison.still_differing(pair)
    assert (found, "on second has not loaded" in why) == ((), True)


def test_the_command_says_what_could_not_be_compared(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def taken(*_: object) -> Taken:
        written = ("ejabberd on second loads it at its next start",)
        return Taken(True, (), ("acl",), (), (), written, not_compared="second does not answer")

    monkeypatch.setattr(command, "_taken", taken)
    file = tmp_path / "config.toml"
    file.write_text(PAIR)
    assert main(["--config", str(file), "config", "--take", "acl", "--yes"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "could not be compared: second does not answer" in said
    assert "have loaded the same" not in said


@pytest.mark.parametrize(
    ("steered", "now", "noted"),
    [(True, "ejabberd", True), (True, "root", False), (False, "ejabberd", False)],
)
async def test_an_owner_that_could_not_stay_is_named(steered: bool, now: str, noted: bool) -> None:
    owners, users = ["root", now], []

    class Host:
        root = "root"

        async def run(self, argv: list[str], *, user: str, **_: object) -> Output:
            users.append(user)
            if argv[0] == "ls":
                line = f"-rw-r----- 1 {owners.pop(0)} ejabberd 9 Jan 1 00:00 {argv[-1]}"
                return Output(0, line.encode(), b"")
            return Output(0, b"", b"")

    sources = {STEERED: "/etc/default/ejabberd"} if steered else {}
    platform = replace(PLATFORM, sources=sources)
    node: Any = SimpleNamespace(name="second", platform=platform, host=Host())
    said = await config_file.replace(node, "/new", "sum", "former")
    assert ("belonged to root:ejabberd and belongs to ejabberd:ejabberd now" in said) == noted
    assert bool(said) == noted
    assert set(users) == {"ejabberd" if steered else "root"}
