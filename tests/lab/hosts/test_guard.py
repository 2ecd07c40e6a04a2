"""Root gives files away in directories of somebody who puts links there, also while it works."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import struct
import subprocess
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ejtui.hosts import guard
from tests.skipping import skip_for

USER = "nobody"
UID = pwd.getpwnam(USER).pw_uid

ROUNDS = [20, pytest.param(100, marks=pytest.mark.catalogue)]
WAYS = ["by the descriptor", "by a copy"]


@pytest.fixture(autouse=True)
def _root() -> None:
    skip_for(None if os.geteuid() == 0 else "only root gives files away")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A directory of the user's, beside one of root's with a secret; all may pass there."""
    root = Path("/var/tmp") / f"ejtui-guard-{os.getpid()}"
    shutil.rmtree(root, ignore_errors=True)
    (root / "aims").mkdir(parents=True)
    (root / "home").mkdir()
    for each in (root, root / "aims"):
        each.chmod(0o755)
    secret = root / "aims" / "shadow"
    secret.write_text("root:secret\n")
    secret.chmod(0o600)
    os.chown(root / "home", UID, -1)
    yield root / "home"
    shutil.rmtree(root)


def give(directory: Path, name: str = "", way: str = WAYS[0], *named_by: str) -> tuple[int, str]:
    """The exit code and the complaint."""
    argv = guard.giving(USER, str(directory), name, named_by=named_by)
    env = {**os.environ, **({"EJTUI_COPIES": "1"} if way == WAYS[1] else {})}
    ran = subprocess.run(argv, capture_output=True, text=True, env=env, timeout=120, check=False)
    return ran.returncode, ran.stderr


def untouched(home: Path) -> bool:
    """Whether what is root's is as it was."""
    secret = home.parent / "aims" / "shadow"
    there = secret.stat()
    whole = (there.st_uid, there.st_mode & 0o777, secret.read_text())
    return whole == (0, 0o600, "root:secret\n") and [
        each.name for each in secret.parent.iterdir()
    ] == ["shadow"]


@pytest.mark.parametrize("way", WAYS)
def test_a_file_of_roots_is_given(home: Path, way: str) -> None:
    (home / "it's").write_text("content")
    (home / "it's").chmod(0o640)
    assert give(home, "it's", way) == (0, "")
    there = (home / "it's").stat()
    assert (there.st_uid, there.st_mode & 0o777) == (UID, 0o640)
    assert (home / "it's").read_text() == "content"
    assert [each.name for each in home.iterdir()] == ["it's"]


@pytest.mark.parametrize(("flag", "kind"), [("i", "immutable"), ("a", "append-only")])
def test_what_nobody_can_give_is_named_before_anything_is_given(
    home: Path, flag: str, kind: str
) -> None:
    (home / "below").mkdir()
    for name in ("one", "below/fixed"):
        (home / name).write_text("content")
        (home / name).chmod(0o600)
    fixed = home / "below" / "fixed"
    set_flag = subprocess.run(["chattr", f"+{flag}", fixed], check=False, capture_output=True)
    skip_for("no attributes in /var/tmp" if set_flag.returncode else None)
    try:
        look = subprocess.run(
            guard.giving(USER, str(home), look=True), capture_output=True, text=True, check=False
        )
        assert (look.returncode, look.stdout) == (0, f"{fixed}\t{kind}\tchattr -{flag}\n")
        assert (home / "one").stat().st_uid == 0, "to look gives nothing"
        code, said = give(home)
        assert code == 1
        assert f"{fixed} cannot be given to {USER}" in said
        rows = subprocess.run(guard.attributes(str(fixed)), capture_output=True, text=True)
        assert rows.stdout == look.stdout
    finally:
        subprocess.run(["chattr", f"-{flag}", fixed], check=True)


def test_attributes_are_not_looked_for_behind_a_users_link(home: Path) -> None:
    (home / "link").symlink_to(home.parent / "aims")
    argv = guard.attributes(f"{home}/link/shadow", f"{home}/link", f"{home}/none/none")
    ran = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert ran.stdout == ""


@pytest.mark.parametrize("way", WAYS)
def test_all_is_given_but_links(home: Path, way: str) -> None:
    (home / "deep" / "er").mkdir(parents=True)
    (home / "deep" / "er" / "file").write_text("1")
    (home / ".hidden").write_text("2")
    (home / "link").symlink_to(home.parent / "aims" / "shadow")
    assert give(home, "", way)[0] == 0
    for each in ("deep", "deep/er", "deep/er/file", ".hidden"):
        assert (home / each).stat().st_uid == UID
    assert untouched(home)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["link", "hard link", "fifo"])
def test_what_is_no_file_of_its_own_is_refused(home: Path, kind: str, way: str) -> None:
    secret, name = home.parent / "aims" / "shadow", home / "cookie"
    if kind == "link":
        name.symlink_to(secret)
        os.lchown(name, UID, -1)
    elif kind == "hard link":
        name.hardlink_to(secret)
    else:
        os.mkfifo(name)
    code, said = give(home, "cookie", way)
    if kind != "link":  # A link of the user's own is the user's already.
        assert (code, said[:12]) == (guard.UNSAFE, "unsafe-path:")
    assert untouched(home)


def test_a_directory_is_no_link(home: Path) -> None:
    (home / "spool").symlink_to(home.parent / "aims")
    for name in ("", "shadow"):
        code, said = give(home / "spool", name)
        assert (code, "link" in said) == (guard.UNSAFE, True)
    assert untouched(home)


def test_links_that_root_made_are_followed(home: Path) -> None:
    (home.parent / "link").symlink_to("home")
    (home / "file").write_text("1")
    assert give(home.parent / "link") == (0, "")
    assert (home / "file").stat().st_uid == UID


def _acl(path: Path, may: int) -> None:
    """An access list on a file of root's: the user has these rights, root's group and others
    read."""
    every = 0xFFFFFFFF
    entries = [(1, 7, every), (2, may, UID), (4, 5, every), (16, may | 5, every), (32, 5, every)]
    packed = b"".join(struct.pack("<HHI", *each) for each in entries)
    os.setxattr(path, "system.posix_acl_access", struct.pack("<I", 2) + packed)


@pytest.mark.parametrize(("may", "believed"), [(7, False), (5, True)])
def test_an_access_list_that_lets_the_user_write_is_seen(
    home: Path, may: int, believed: bool
) -> None:
    """Its mask stands where the mode has root's group, in which nobody else is."""
    listed = home.parent / "listed"
    listed.mkdir()
    (listed / "setting").write_text("SPOOL_DIR=…")
    _acl(listed, may)
    argv = guard.believing(str(listed / "setting"))
    ran = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert ran.stdout == (f"{listed / 'setting'}\n" if believed else "")
    _acl(listed, 5)
    _acl(listed / "setting", may)
    ran = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert ran.stdout == (f"{listed / 'setting'}\n" if believed else "")


@pytest.mark.parametrize("of", ["root", "the user"])
def test_a_directory_of_roots_is_given_where_root_names_it(home: Path, of: str) -> None:
    spool, setting = home.parent / "spool", home.parent / "setting"
    spool.mkdir()
    (spool / "file").write_text("1")
    setting.write_text("SPOOL_DIR=…")
    if of != "root":
        os.chown(setting, UID, -1)
    code, said = give(spool, "", WAYS[0], str(setting))
    if of == "root":
        assert (code, said) == (0, "")
        assert (spool.stat().st_uid, (spool / "file").stat().st_uid) == (UID, UID)
    else:
        assert (code, "others than root may write" in said) == (guard.UNSAFE, True)
        assert (spool.stat().st_uid, (spool / "file").stat().st_uid) == (0, 0)


@pytest.mark.parametrize("of", ["root", "the user"])
def test_a_file_in_a_directory_of_roots_is_given_where_root_names_it(home: Path, of: str) -> None:
    setting, cookie = home.parent / "setting", home.parent / "aims" / "cookie"
    setting.write_text("HOME=…")
    cookie.write_text("1")
    if of != "root":
        os.chown(setting, UID, -1)
    code, said = give(cookie.parent, "cookie", WAYS[0], str(setting))
    if of == "root":
        assert (code, said, cookie.stat().st_uid) == (0, "", UID)
    else:
        assert (code, "others than root may write" in said) == (guard.UNSAFE, True)
        assert cookie.stat().st_uid == 0


def test_the_systems_directories_are_never_given() -> None:
    code, said = give(Path("/etc/profile.d"))
    assert (code, "of the system's" in said) == (guard.UNSAFE, True)


SWAPS = textwrap.dedent("""\
    import os, sys
    secret, hard = sys.argv[1:]
    while True:
        for make in (os.symlink, os.link):
            try:
                os.rename("cookie", "kept")
                make(secret if make is os.symlink else hard, "new")
                os.rename("new", "cookie")
                os.rename("kept", "cookie")
            except OSError:
                pass
        try:
            os.rename("real", "moved"); os.symlink("../aims", "real")
            os.unlink("real"); os.rename("moved", "real")
        except OSError:
            pass
""")


@contextmanager
def swapping(home: Path) -> Iterator[None]:
    """The user swaps a file, a link and a hard link, and a directory and a link, all the time."""
    secret = home.parent / "aims" / "shadow"
    user = subprocess.Popen(
        ["/usr/bin/python3", "-c", SWAPS, str(secret), str(home / "hard")], cwd=home, user=UID
    )
    try:
        yield
        assert user.poll() is None
    finally:
        user.kill()
        user.wait()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("rounds", ROUNDS)
def test_what_is_swapped_meanwhile_reaches_nothing_of_roots(
    home: Path, rounds: int, way: str
) -> None:
    (home / "real").mkdir()
    os.chown(home / "real", UID, -1)
    hard = home / "hard"  # a name of root's file that the user can make names of
    hard.write_text("root's\n")
    hard.chmod(0o666)
    other = home.parent / "aims-too"
    other.hardlink_to(hard)
    inside = os.open(home / "real", os.O_RDONLY)
    codes = set()
    with swapping(home):
        for _ in range(rounds):
            os.close(os.open("shadow", os.O_CREAT | os.O_WRONLY, 0o600, dir_fd=inside))
            os.chown("shadow", 0, 0, dir_fd=inside)
            fresh = home.parent / "fresh"
            fresh.write_text("a cookie of root's")
            fresh.rename(home / "cookie")
            codes.add(give(home, "cookie", way)[0])
            codes.add(give(home / "real", "shadow", way)[0])
            assert untouched(home)
            assert other.stat().st_uid == 0
    os.close(inside)
    assert codes >= {0, guard.UNSAFE}


RECORDS = Path("/etc/ejtui")


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
