"""Root gives files away in directories of somebody who puts links there, also while it works."""

from __future__ import annotations

import os
import struct
import subprocess
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ejtui.hosts import guard
from tests.lab.hosts.guarded import UID, USER, untouched, user_beside_root
from tests.skipping import skip_for

ROUNDS = [20, pytest.param(100, marks=pytest.mark.catalogue)]
WAYS = ["by the descriptor", "by a copy"]


@pytest.fixture(autouse=True)
def _root() -> None:
    skip_for(None if os.geteuid() == 0 else "only root gives files away")


@pytest.fixture
def home() -> Iterator[Path]:
    with user_beside_root() as home:
        yield home


def give(directory: Path, name: str = "", way: str = WAYS[0], *named_by: str) -> tuple[int, str]:
    """The exit code and the complaint."""
    argv = guard.giving(USER, str(directory), name, named_by=named_by)
    env = {**os.environ, **({"EJTUI_COPIES": "1"} if way == WAYS[1] else {})}
    ran = subprocess.run(argv, capture_output=True, text=True, env=env, timeout=120, check=False)
    return ran.returncode, ran.stderr


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
