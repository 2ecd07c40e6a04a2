"""Files that nobody can change: what is read of them, and what is refused."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ejtui.cluster.pair import fixed_files
from ejtui.cluster.pair.fixed_files import FixedFile, read, why

PRINTED = (
    "/var/lib/ejabberd/.erlang.cookie\timmutable\tchattr -i\n"
    "/mnt/a dir\tread-only-mount\tmount -o remount,rw\n"
    "a line of something else\n"
    "/x\tno-such-word\trm -rf\n"
)


def test_what_the_script_prints_is_read() -> None:
    assert read(PRINTED) == [
        FixedFile("/var/lib/ejabberd/.erlang.cookie", "immutable", "chattr -i"),
        FixedFile("/mnt/a dir", "read-only-mount", "mount -o remount,rw"),
    ]


def test_the_sentence_has_the_host_the_file_the_attribute_and_the_command() -> None:
    text = why("lyon", read(PRINTED))
    assert "on lyon, /var/lib/ejabberd/.erlang.cookie has the attribute immutable" in text
    assert "nothing was changed" in text
    assert "chattr -i /var/lib/ejabberd/.erlang.cookie; mount -o remount,rw '/mnt/a dir'" in text
    assert "lsattr -d /var/lib/ejabberd/.erlang.cookie; findmnt '/mnt/a dir' shows it" in text


def test_many_are_counted_and_none_acts_on_the_terminal() -> None:
    found = [FixedFile(f"/x/\x1b[31m{each}", "immutable", "chattr -i") for each in range(5)]
    text = why("lyon", found)
    assert "and 2 more" in text
    assert "\x1b" not in text


@pytest.mark.parametrize("name", ["a file", "-n", "a\ttab", "$(touch x)"])
def test_plain_files_are_not_named_and_their_names_do_nothing(tmp_path: Path, name: str) -> None:
    home = tmp_path / "a home"
    home.mkdir()
    (home / name).write_text("x")
    (home / "link").symlink_to(tmp_path / "not there")
    script = fixed_files.PROGRAM
    paths = [f"{home}/", f"{home}/{name}", f"{home}/missing", f"{tmp_path}/none/missing/"]
    ran = subprocess.run(
        ["sh", "-c", script, "fixed", *paths], capture_output=True, cwd=tmp_path, check=False
    )
    assert ran.stdout == b""
    assert not (tmp_path / "x").exists()


def test_the_words_of_every_mount(tmp_path: Path) -> None:
    """The kernel's own read-only mount, where this computer has one to look at."""
    mounts = Path("/proc/self/mountinfo")
    if not mounts.exists():
        pytest.skip("no /proc")
    rows = [line.split() for line in mounts.read_text().splitlines()]
    fixed = [row[4] for row in rows if row[5].startswith("ro") and "\\" not in row[4]]
    script = fixed_files.PROGRAM
    for path in [each for each in fixed if Path(each).is_dir()][:1]:
        ran = subprocess.run(
            ["sh", "-c", script, "fixed", f"{path}/"], capture_output=True, check=False
        )
        assert [each.kind for each in read(ran.stdout.decode())] == ["read-only-mount"]
