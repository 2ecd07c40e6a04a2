"""A file of somebody's is replaced in one go, and only where it is still the one that was read."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from ejtui.hosts import guard

USER = pwd.getpwuid(os.geteuid()).pw_name
FORMER, NEW = "former: 1\n", "new: 2\n"


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory with the file and the new one, of the user who runs this."""
    for name, text in (("file", FORMER), ("staged", NEW)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o644)
    tmp_path.chmod(0o755)
    return tmp_path


def replace(place: Path, former: str = FORMER, *, inject: str = "") -> tuple[int, str]:
    """`inject` is run in the script just before the file is looked at for the last time."""
    argv = guard.replacing(
        str(place / "file"), str(place / "staged"), USER, _sum(NEW), _sum(former)
    )
    argv[2] = argv[2].replace('cat "$source" >"$t"', f'cat "$source" >"$t"{inject}')
    argv[2] = argv[2].replace('  same_sum "$t"', f'  same_sum "$t"{inject}')
    ran = subprocess.run(argv, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stderr


@pytest.fixture
def users_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """The script takes the way of a user who is not root."""
    whole = guard.script
    text = whole("replace").replace('[ "$(id -u)" = 0 ]', "false")
    monkeypatch.setattr(guard, "script", lambda *_: text)


def names(place: Path) -> list[str]:
    return sorted(each.name for each in place.iterdir())


@pytest.fixture(params=["user", pytest.param("root", marks=pytest.mark.skipif(
    os.geteuid() != 0, reason="only root takes root's way"))])  # fmt: skip
def way(request: pytest.FixtureRequest) -> None:
    """Both ways, one after the other."""
    if request.param == "user":
        request.getfixturevalue("users_way")


@pytest.mark.usefixtures("way")
def test_a_colleague_s_edit_is_not_overwritten(place: Path) -> None:
    edit = f"; echo edited: 1 >>'{place}/file'"
    code, said = replace(place, inject=edit)
    assert (code, said[:9]) == (guard.CHANGED, "changed: "), said
    assert (place / "file").read_text() == f"{FORMER}edited: 1\n"
    assert names(place) == ["file", "staged"]
    assert replace(place, f"{FORMER}edited: 1\n") == (0, "")
    assert (place / "file").read_text() == NEW
    assert names(place) == ["file", "staged"]


@pytest.mark.usefixtures("way")
def test_a_file_with_two_names_is_refused(place: Path) -> None:
    (place / "other-name").hardlink_to(place / "file")
    code, said = replace(place)
    assert (code, "has 2 names (hard links)" in said) == (guard.UNSAFE, True), said
    assert (place / "other-name").read_text() == FORMER


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone makes a file of another user's")
def test_a_file_in_a_directory_that_its_user_may_not_write_is_no_half_file() -> None:
    place = Path(tempfile.mkdtemp())  # pytest's own directories are closed to other users
    try:
        place.chmod(0o755)
        file, staged = place / "file", place / "staged"
        file.write_text(FORMER)
        staged.write_text(NEW)
        os.chown(file, pwd.getpwnam("nobody").pw_uid, -1)
        argv = guard.replacing(str(file), str(staged), "nobody", _sum(NEW), _sum(FORMER))
        ran = subprocess.run(argv, user="nobody", capture_output=True, text=True, check=False)
        said = (ran.returncode, "cannot be replaced in one go" in ran.stderr)
        assert said == (guard.UNSAFE, True), ran.stderr
        assert file.read_text() == FORMER
    finally:
        shutil.rmtree(place)
