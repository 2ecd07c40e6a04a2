"""Removing backups: what is refused before anybody is asked, what a No leaves, and what goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ejtui.cluster.backups.prune import Pruned, prune
from ejtui.cluster.errors import BackupError, Refused, StepFailed
from ejtui.cluster.run.events import Event, StepEnded
from ejtui.hosts import CommandFailed
from ejtui.hosts.host import Output
from tests.unit.cluster.conftest import Story
from tests.unit.cluster.disk import BACKUPS, GUEST, STAMP, DiskHost, DiskPair, manifest
from tests.unit.cluster.disk_pairs import Person, joined_pair

USED = "20251201T000000Z"
FIXED = "\tmount\tumount\n"
"""How the script that looks for files that nobody can change describes one, after its path."""


@pytest.fixture
def pair(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DiskPair:
    """Beside the join's backup, the last complete one, an older one that was rolled back to."""
    made = joined_pair(story, tmp_path, monkeypatch)
    older = replace(
        manifest(), stamp=USED, place=f"{BACKUPS}/{USED}", created="2025-12-01T00:00:00+00:00",
        number=0, stage="rolled-back", used="2025-12-02",
    )  # fmt: skip
    made.keep(older)
    made.second.host = Removing(made.second)
    return made


class Removing(DiskHost):
    """Removes directories of backups. `fixed` is what nobody can change, `fails` why none goes."""

    fixed = ""
    fails = b""

    async def run(self, argv: Sequence[str], *, user: str | None = None, **how: Any) -> Output:
        name = argv[3] if len(argv) > 3 else ""
        if name == "prune":
            if self.fails:
                raise CommandFailed(self.name, self.where, argv, 1, self.fails)
            disk = self._node.disk  # type: ignore[attr-defined]
            places = tuple(f"{argv[4]}/{each}/" for each in argv[5:])
            disk.files = {p: d for p, d in disk.files.items() if not p.startswith(places)}
        if argv[0] == "find":
            return Output(0, "\0".join(argv[1:-3]).encode(), b"")
        if name == "fixed_files" and self.fixed in " ".join(argv[4:]):
            return Output(0, f"{self.fixed}{FIXED}".encode() if self.fixed else b"", b"")
        return await super().run(argv, user=user, **how)


async def pruned(
    pair: DiskPair, person: Person, *names: str, seen: list[Event] | None = None
) -> Pruned:
    hears = seen.append if seen is not None else lambda _: None
    return await prune(pair, person, hears, names=names)  # type: ignore[arg-type]


def all_there(pair: DiskPair) -> bool:
    return pair.second.disk.below(BACKUPS) == {STAMP, USED}


async def test_what_was_used_goes_after_a_question_that_names_it(pair: DiskPair) -> None:
    person, seen = Person(), list[Event]()
    done = await pruned(pair, person, seen=seen)
    assert pair.second.disk.below(BACKUPS) == {STAMP}
    [question] = person.questions
    assert any(USED in line and GUEST in line for line in question.takes)
    assert not any(STAMP in line for line in question.takes)
    assert [each.name for each in done.removed] == [USED]
    [kept] = done.kept
    assert kept.why == "the last complete backup of second's own database"
    [end] = [event for event in seen if isinstance(event, StepEnded)]
    assert any(f"removed on lyon: {USED}" in line for line in end.evidence)


async def test_a_no_removes_nothing(pair: DiskPair) -> None:
    with pytest.raises(Refused):
        await pruned(pair, Person(yes=False))
    assert all_there(pair)
    assert pair.second.probe.names()[-1] == "unlock"


@pytest.mark.parametrize("role", ["first", "second"])
async def test_both_hosts_must_be_reached(pair: DiskPair, role: str) -> None:
    node = getattr(pair, role)
    node.opened, node.trouble, person = False, "no route to host", Person()
    with pytest.raises(StepFailed, match=f"{node.name} must be reached.*no route to host"):
        await pruned(pair, person)
    assert all_there(pair)
    assert person.questions == []


async def test_a_damaged_backup_of_the_same_size_is_not_the_last_complete_one(
    pair: DiskPair,
) -> None:
    """The older one is then, and stays though it was used."""
    path = f"{BACKUPS}/{STAMP}/database/passwd.DAT"
    pair.second.disk.files[path] = b"quest"
    person = Person()
    done = await pruned(pair, person)
    assert all_there(pair)
    assert person.questions == []
    whys = {each.name: each.why for each in done.kept}
    assert whys[USED] == "the last complete backup of second's own database"
    assert "damaged" in whys[STAMP]


async def test_the_last_complete_one_stays_also_by_name(pair: DiskPair) -> None:
    with pytest.raises(BackupError, match=f"{STAMP} on lyon stays: the last complete backup"):
        await pruned(pair, Person(), STAMP)
    assert all_there(pair)


async def test_what_nobody_can_remove_is_refused_before_anybody_is_asked(pair: DiskPair) -> None:
    host = pair.second.host
    assert isinstance(host, Removing)
    host.fixed, person = f"{BACKUPS}/{USED}", Person()
    with pytest.raises(StepFailed, match=r"is a mount.*nothing was changed"):
        await pruned(pair, person)
    assert all_there(pair)
    assert person.questions == []


async def test_a_removal_that_fails_is_no_removal(pair: DiskPair) -> None:
    host = pair.second.host
    assert isinstance(host, Removing)
    host.fails = b"rm: Input/output error"
    with pytest.raises(
        StepFailed,
        match=r"removed on lyon: .*Input/output error\. Run it there by hand to see more\. `",
    ):
        await pruned(pair, Person())
    assert all_there(pair)
    assert pair.second.probe.names()[-1] == "unlock"
