"""Reading and atomic writing, on this computer and over SSH alike."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ejtui.hosts import CommandFailed, Host, guard
from ejtui.hosts.programs import files

NASTY = "a 'b' \"c\" $d;`e`\n!é"


def names(where: Path) -> list[str]:
    return sorted(path.name for path in where.iterdir())


async def test_bytes_owner_and_mode(either: Host, root_dir: Path) -> None:
    data = bytes(range(256)) * 4000
    file = root_dir / NASTY
    for owner, mode in (("nobody", 0o400), ("nobody:root", 0o640), (None, 0o644)):
        await either.write(str(file), data, owner=owner, mode=mode, user="root")
        assert await either.read(str(file), user="root") == data
        script = ["stat", "-c", "%U:%G %a", str(file)]
        said = (await either.run(script)).stdout.decode().split()
        group = (await either.run(["id", "-gn", "nobody"])).stdout.decode().strip()
        wanted = {"nobody": f"nobody:{group}", "nobody:root": "nobody:root", None: "root:root"}
        assert said == [wanted[owner], f"{mode:o}"]
    assert names(root_dir) == [NASTY]


async def test_an_empty_file_and_a_missing_one(either: Host, root_dir: Path) -> None:
    await either.write(str(root_dir / "e"), b"", owner=None, mode=0o600, user="root")
    assert await either.read(str(root_dir / "e"), user="root") == b""
    with pytest.raises(CommandFailed, match="No such file"):
        await either.read(str(root_dir / "none"))


async def test_a_link_stays_a_link(either: Host, root_dir: Path) -> None:
    (root_dir / "real").write_text("old")
    (root_dir / "link").symlink_to("real")
    await either.write(str(root_dir / "link"), b"new", owner=None, mode=0o600, user="root")
    assert (root_dir / "link").is_symlink()
    assert (root_dir / "real").read_bytes() == b"new"


async def test_a_torn_transfer_changes_nothing(either: Host, root_dir: Path) -> None:
    file = root_dir / "f"
    file.write_text("old")
    with pytest.raises(CommandFailed, match="only 4 of 5 bytes arrived"):
        await either.run(files.writing(str(file), 5, None, 0o600), user="root", stdin=b"torn")
    assert file.read_text() == "old"
    assert names(root_dir) == ["f"]


async def test_a_failure_leaves_the_old_file_and_nothing_else(either: Host, root_dir: Path) -> None:
    (root_dir / "f").write_text("old")
    (root_dir / "d").mkdir()
    with pytest.raises(CommandFailed, match="nobody-here"):
        await either.write(
            str(root_dir / "f"), b"new", owner="nobody-here", mode=0o600, user="root"
        )
    with pytest.raises(CommandFailed, match="is a directory"):
        await either.write(str(root_dir / "d"), b"new", owner=None, mode=0o600, user="root")
    with pytest.raises(CommandFailed):
        await either.write(str(root_dir / "no" / "f"), b"new", owner=None, mode=0o600, user="root")
    assert (root_dir / "f").read_text() == "old"
    assert names(root_dir) == ["d", "f"]


async def test_a_reader_never_sees_half_a_file(either: Host, root_dir: Path) -> None:
    file = root_dir / "f"
    versions = [bytes([48 + i]) * 200_000 for i in range(4)]
    file.write_bytes(versions[0])
    seen = set()

    async def write() -> None:
        for version in versions * 3:
            await either.write(str(file), version, owner=None, mode=0o644, user="root")

    writing = asyncio.create_task(write())
    while not writing.done():
        seen.add(file.read_bytes())
        await asyncio.sleep(0)
    await writing
    assert seen <= set(versions)


async def test_root_writes_nothing_where_another_user_may(either: Host, open_dir: Path) -> None:
    """That user could make a link of the name between two looks."""
    (open_dir / "aim").write_text("old")
    (open_dir / "link").symlink_to("aim")
    for name in ("link", "new"):
        with pytest.raises(CommandFailed) as failed:
            await either.write(str(open_dir / name), b"new", owner=None, mode=0o600, user="root")
        assert "others than root may write" in (guard.reason(failed.value) or "")
    assert (open_dir / "aim").read_text() == "old"
    assert names(open_dir) == ["aim", "link"]
