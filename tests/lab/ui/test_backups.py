"""`u` where there is more than one backup: all are listed, and an empty newest one is warned of."""

from __future__ import annotations

from pathlib import Path

import pytest

from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.hostile import as_root, as_service
from tests.lab.cluster.test_backups import a_manifest, write
from tests.lab.ui import scenarios

GUEST = "guest@chat.example"
FULL, EMPTY = "20260101T000000Z", "20260102T000000Z"
FILES = [{"name": "schema.DAT", "size": 1, "sha256": "a" * 64}]


def made(lab: Lab, stamp: str, accounts: list[str]) -> None:
    """A backup of a join, as its manifest has it."""
    day = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T00:00:00+00:00"
    text = a_manifest(
        stamp=stamp,
        created=day,
        stage="moved",
        accounts=accounts,
        files=FILES,
        number=int(stamp[7]),
    )
    write(lab, stamp, text)
    as_service(lab, f"mkdir ejtui-backups/{stamp}/database; cd ejtui-backups/{stamp}/database; "
                    "printf x >schema.DAT")  # fmt: skip


def test_all_are_listed_and_an_empty_newest_one_is_warned_of(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    made(lab, FULL, [GUEST])
    made(lab, EMPTY, [])
    warning = f"WARNING: the newest backup {EMPTY} has no accounts; {FULL} has 1: {GUEST}"
    try:
        ejtui = Ejtui(lab)
        ran = ejtui("rollback", "--yes")
        assert ran.returncode != 0
        assert warning in " ".join(ran.stderr.split())
        assert f"{ejtui.named} rollback {FULL}   2026-01-01 00:00, 1 account: {GUEST}" in ran.stderr
        with scenarios.app(lab, tmp_path, 120, 40) as screen:
            screen.until("Magic cookies")
            screen.keys("u")
            text = " ".join(screen.until("WARNING: the newest backup").split())
            for shown in (warning, "2026-01-01", "2026-01-02", "1 account", "none"):
                assert shown in text, text
            screen.keys("Escape")
            screen.until("? help")
            scenarios.leave(screen)
    finally:
        as_root(lab, "rm -rf ejtui-backups")
