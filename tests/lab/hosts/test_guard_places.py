"""Root places, replaces and removes files for a user who puts links there, and no other."""

from __future__ import annotations

import hashlib
import os
import pwd
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ejtui.hosts import guard
from tests.lab.hosts.guarded import UID, USER, untouched, user_beside_root

RECORDS = Path("/etc/ejtui")


@pytest.fixture
def home() -> Iterator[Path]:
    with user_beside_root() as home:
        yield home


@pytest.fixture
def key(home: Path) -> Path:
    """What the user has, to be put elsewhere."""
    source = home / "it's new"
    source.write_text("a key\n")
    os.chown(source, UID, -1)
    source.chmod(0o600)
    return source


def run(argv: list[str], user: str = "root") -> tuple[int, str, str]:
    """The exit code, what it prints, and the complaint."""
    before = ["runuser", "-u", user, "--"] if user != "root" else []
    ran = subprocess.run(
        [*before, *argv], capture_output=True, text=True, timeout=60, check=False, cwd="/"
    )
    return ran.returncode, ran.stdout.strip(), ran.stderr


def place(
    path: Path, source: Path, owner: str = "root", group: str = "daemon", mode: int = 0o640,
    by: str = "root",
) -> tuple[int, str, str]:  # fmt: skip
    own = str(source.parent / "records")
    return run(guard.placing(str(path), str(source), USER, owner, group, mode, own), by)


def remove(path: Path, by: str = "root") -> tuple[int, str, str]:
    own = path.parent.parent if path.parent.name == "certs" else path.parent
    return run(guard.removing(str(path), str(own / "records")), by)


def records() -> list[Path]:
    return sorted(RECORDS.iterdir()) if RECORDS.exists() else []


def test_a_file_is_placed_with_its_directories_and_removed_with_them(home: Path, key: Path) -> None:
    aims = home.parent / "aims"
    target = aims / "live" / "chat.example" / "new.pem"
    assert place(target, key, group=str(pwd.getpwnam(USER).pw_gid))[0] == 0
    there = target.stat()
    assert (there.st_uid, there.st_gid, there.st_mode & 0o777) == (
        0, pwd.getpwnam(USER).pw_gid, 0o640,
    )  # fmt: skip
    assert target.read_text() == "a key\n"
    assert there.st_nlink == 1
    assert [each.name for each in target.parent.iterdir()] == ["new.pem"]
    assert (RECORDS.stat().st_uid, RECORDS.stat().st_mode & 0o777) == (0, 0o700)
    second = target.with_name("other.pem")
    assert place(second, key)[0] == 0
    assert remove(second)[:2] == (0, "removed")
    assert remove(target)[:2] == (0, "removed")
    assert untouched(home)
    assert not records()
    assert remove(target)[:2] == (0, "gone")


def test_nothing_that_is_there_is_replaced_or_removed(home: Path, key: Path) -> None:
    aims = home.parent / "aims"
    for kind in ("file", "link", "directory"):
        target = aims / "new.pem"
        if kind == "file":
            target.write_text("own")
        elif kind == "link":
            target.symlink_to("nowhere")
        else:
            target.mkdir()
        code, _, said = place(target, key)
        assert (code, "is there already" in said) == (guard.UNSAFE, True)
        assert remove(target)[:2] == (0, "kept")
        assert [each.name for each in aims.iterdir() if each.name != "shadow"] == ["new.pem"]
        target.rmdir() if kind == "directory" else target.unlink()


def test_a_copy_that_was_changed_since_stays(home: Path, key: Path) -> None:
    target = home.parent / "aims" / "new.pem"
    assert place(target, key)[0] == 0
    target.write_text("renewed")
    assert remove(target)[:2] == (0, "kept")
    assert target.read_text() == "renewed"
    target.unlink()
    assert remove(target)[:2] == (0, "gone")
    assert not records()


def test_who_could_not_read_the_copy_gets_it(home: Path, key: Path) -> None:
    target = home.parent / "aims" / "new.pem"
    assert place(target, key, "nobody-knows-me", "no-group", 0o600)[0] == 0
    there = target.stat()
    assert (there.st_uid, there.st_mode & 0o777) == (UID, 0o400)
    assert remove(target)[1] == "removed"


def test_a_copy_of_what_cannot_be_read_leaves_nothing(home: Path, key: Path) -> None:
    del key
    target = home.parent / "aims" / "live" / "new.pem"
    code, _, _ = place(target, home.parent / "aims" / "shadow")
    assert code not in (0, guard.UNSAFE)
    assert untouched(home)


def test_root_places_and_removes_nothing_where_the_user_may_write(home: Path, key: Path) -> None:
    (home / "link").symlink_to(home.parent / "aims")
    for directory in ("", "link", "link/deep", "certs/deep"):
        target = home / directory / "new.pem"
        code, _, said = place(target, key)
        assert (code, said[:12]) == (guard.UNSAFE, "unsafe-path:"), said
    (home / "new.pem").write_text("x")
    code, _, said = remove(home / "new.pem")
    assert (code, "others than root may write" in said) == (guard.UNSAFE, True)
    assert untouched(home)


def test_what_root_did_not_write_down_counts_for_nothing(home: Path, key: Path) -> None:
    target = home.parent / "aims" / "new.pem"
    assert place(target, key)[0] == 0
    [record] = records()
    text = record.read_text()
    record.write_text(text.replace(str(target), "/etc/passwd"))
    assert remove(target)[:2] == (0, "kept")
    record.unlink()
    record.symlink_to(key)
    assert remove(target)[:2] == (0, "kept")
    record.unlink()
    record.write_text(text)
    RECORDS.chmod(0o777)
    assert remove(target)[0] == guard.UNSAFE
    RECORDS.chmod(0o700)
    assert remove(Path("/etc/passwd"))[:2] == (0, "kept")
    assert remove(target)[:2] == (0, "removed")


def test_the_user_places_and_removes_in_a_directory_of_the_users_own(home: Path, key: Path) -> None:
    target = home / "certs" / "new.pem"
    assert place(target, key, by=USER)[0] == 0
    there = target.stat()
    assert (there.st_uid, there.st_mode & 0o777) == (UID, 0o640)
    assert place(target, key, by=USER)[0] == guard.UNSAFE
    assert remove(target, by=USER)[:2] == (0, "removed")
    assert not target.parent.exists()


def test_what_was_swapped_after_it_was_checked_replaces_nothing(home: Path) -> None:
    staged, target = home / "new", home.parent / "setting"
    staged.write_text("checked\n")
    os.chown(staged, UID, -1)
    target.write_text("former\n")
    checked = hashlib.sha256(staged.read_bytes()).hexdigest()
    former = hashlib.sha256(target.read_bytes()).hexdigest()
    argv = guard.replacing(str(target), str(staged), USER, checked, former)
    staged.write_text("checked\n# another's line\n")
    for who in ([], ["runuser", "-u", USER, "--"]):
        ran = subprocess.run([*who, *argv], capture_output=True, text=True, check=False)
        assert (ran.returncode, "is not what was checked" in ran.stderr) == (guard.UNSAFE, True)
        assert target.read_text() == "former\n"
    staged.write_text("checked\n")
    ran = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (ran.returncode, target.read_text()) == (0, "checked\n")
    assert sorted(each.name for each in home.parent.iterdir()) == ["aims", "home", "setting"]


def test_owner_group_and_mode_stay_in_a_directory_of_the_users_own(home: Path) -> None:
    staged, target = home / "new", home / "setting"
    staged.write_text("new\n")
    os.chown(staged, UID, -1)
    group = pwd.getpwnam(USER).pw_gid
    new = hashlib.sha256(b"new\n").hexdigest()

    def run(argv: list[str], *by: str) -> tuple[int, str]:
        ran = subprocess.run([*by, *argv], capture_output=True, text=True, check=False)
        return ran.returncode, ran.stdout + ran.stderr

    for owner, mode in ((0, 0o640), (0, 0o440), (UID, 0o400), (UID, 0o600)):
        target.write_text("former\n")
        os.chown(target, owner, group)
        target.chmod(mode)
        was = run(guard.owner_of(str(target)))
        assert was == (0, f"{owner} {group} {mode:o}\n")
        former = hashlib.sha256(b"former\n").hexdigest()
        argv = guard.replacing(str(target), str(staged), USER, new, former)
        assert run(argv)[0] == guard.UNSAFE
        code, said = run(argv, "runuser", "-u", USER, "--")
        assert code == 0, said
        argv = guard.giving_back(str(target), USER, str(owner), str(group), f"{mode:o}", new)
        code, said = run(argv)
        assert code == 0, said
        there = target.stat()
        assert (there.st_uid, there.st_gid, there.st_mode & 0o7777) == (owner, group, mode)
        assert target.read_text() == "new\n"
        target.unlink()


def test_nothing_else_gets_an_owner_back(home: Path) -> None:
    sums = hashlib.sha256(b"new\n").hexdigest()
    target, aim = home / "setting", home.parent / "aims" / "shadow"

    def refused(mode: str = "640") -> bool:
        argv = guard.giving_back(str(target), USER, "0", "0", mode, sums)
        ran = subprocess.run(argv, capture_output=True, text=True, check=False)
        return ran.returncode == guard.UNSAFE and "unsafe-path: " in ran.stderr

    target.symlink_to(aim)
    assert refused()
    target.unlink()
    os.link(aim, target)
    assert refused()
    target.unlink()
    target.write_text("other\n")
    os.chown(target, UID, -1)
    assert refused()
    target.write_text("new\n")
    assert refused("4755")
    os.link(target, home / "too")
    assert refused()
    assert (target.stat().st_uid, aim.stat().st_uid) == (UID, 0)
    assert untouched(home)
