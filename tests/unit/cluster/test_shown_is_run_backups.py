"""What a rollback and bringing over show is what they run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ejtui.cluster.acts.act import Command
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.backups.rollback import rollback
from ejtui.cluster.bring_over import done as brought
from ejtui.cluster.bring_over import run as bringing
from ejtui.cluster.bring_over.offer import KeptAccount, Offer
from ejtui.cluster.bring_over.places import KeptPlace
from ejtui.cluster.bring_over.source import Source
from ejtui.cluster.question import Question
from ejtui.cluster.tables.copies import Copy, change, change_act
from tests.unit.cluster.conftest import Story
from tests.unit.cluster.disk import BACKUPS, SPOOL, THEIRS, DiskPair, manifest
from tests.unit.cluster.test_shown_is_run import check, context_of


class Person:
    """Answers yes, and keeps what was shown."""

    def __init__(self) -> None:
        self.shown: list[Command] = []

    async def __call__(self, question: Question) -> bool:
        self.shown += question.commands
        return True


@pytest.fixture
def pair(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DiskPair:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return DiskPair(story.joined(), tmp_path)


@pytest.mark.parametrize(
    ("kept", "without_first"),
    [
        (manifest(), False),
        (manifest(was_running=False), False),
        (manifest(cookie="b2b2b2"), False),
        (manifest(custom_given=True), False),
        (manifest(), True),
    ],
    ids=["plain", "was-stopped", "cookie", "custom", "without-first"],
)
async def test_a_rollback(pair: DiskPair, kept: Manifest, without_first: bool) -> None:
    def copied(*_: Any) -> None:
        cookie = replace(pair.second.facts.cookie, sha256="b2" * 32)
        pair.world.change("second", cookie=cookie)

    pair.second.probe.answers["copy_secret"] = copied
    if without_first:
        pair.world.stopped("first")
    pair.keep(kept)
    pair.second.disk.put(SPOOL, THEIRS)
    person = Person()
    await rollback.rollback(pair, None, person, lambda _: None, without_first=without_first)  # type: ignore[arg-type]
    assert person.shown
    check(pair, person.shown)


async def test_bringing_over(
    pair: DiskPair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Source("20260101T000000Z", f"{BACKUPS}/20260101T000000Z/database")
    new = KeptAccount("guest", "chat.example", "new", ("plain",), {"roster": 2})
    lacking = KeptAccount("ann", "chat.example", "same", ("plain",), {"roster": 2}, {"roster": 1})
    room = KeptPlace("room", "tea", "conference.chat.example", "new")
    offer = Offer(source, "ejabberd@second", "read", (new, lacking), places=(room,))

    async def nothing(*_: Any) -> list[str]:
        return []

    monkeypatch.setattr(bringing, "look_again", nothing)
    monkeypatch.setattr(brought, "add", nothing)
    answers = pair.second.probe.answers
    for name in ("bring_accounts", "complete_accounts", "bring_places"):
        answers[name] = lambda *_: []
    context, person = context_of(pair, tmp_path), Person()
    context._asks = person
    await bringing._bring(context, offer, pair.second, False)  # type: ignore[arg-type]
    assert len(person.shown) == 4
    check(pair, person.shown)


@pytest.mark.parametrize("wanted", ["disc_only_copies", "remote copy"])
async def test_a_table_s_type(pair: DiskPair, wanted: str) -> None:
    table = pair.facts.first.tables[0]
    copy = Copy(table, wanted, "disc_copies")
    await change(pair.second, copy)  # type: ignore[arg-type]
    check(pair, [change_act(pair.second, copy).command])
