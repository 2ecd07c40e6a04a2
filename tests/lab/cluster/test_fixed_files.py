"""Files that not even root can change: each command names them before it changes anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ejtui.lab import faults
from ejtui.lab.errors import LabError
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import state_of
from tests.lab.cluster.hostile import as_root
from tests.skipping import skip_for

HOME = "/var/lib/ejabberd"
COOKIE = f"{HOME}/.erlang.cookie"
BACKUPS = f"{HOME}/ejtui-backups"
TABLE = f"{HOME}/passwd.DAT"
NESTED = f"{HOME}/uploads/picture.png"
CFG = "/etc/default/ejabberd"
YML = "/etc/ejabberd/ejabberd.yml"

IMMUTABLE = ('chattr +i "$0"', 'chattr -i "$0"', "immutable", "chattr -i")
APPEND = ('chattr +a "$0"', 'chattr -a "$0"', "append-only", "chattr -a")
READ_ONLY = (
    'mount --bind "$0" "$0"; mount -o remount,ro,bind "$0"', 'umount "$0"',
    "mounted read-only", "mount -o remount,rw",
)  # fmt: skip
MOUNTED = ('mount --bind "$0" "$0"', 'umount "$0"', "is a mount", "umount")
How = tuple[str, str, str, str]


@contextmanager
def fixed(lab: Lab, path: str, how: How) -> Iterator[None]:
    """The path is so on second meanwhile."""
    make, undo, *_ = how
    try:
        lab.run("second", ["sh", "-euc", make, path])
    except LabError as error:
        skip_for(f"{path} cannot be made so: {error}")
    try:
        yield
    finally:
        lab.run("second", ["sh", "-c", undo, path], check=False)


def state(lab: Lab) -> tuple[dict[str, str], str]:
    """Second's files, processes and settings."""
    sums = as_root(lab, f"sha256sum {CFG} {YML}; stat -c '%n %u %a' {CFG} {YML} {COOKIE}")
    return state_of(lab, "second"), sums


def refused(lab: Lab, path: str, how: How, *words: str) -> None:
    """The command fails, names the path, why, and what to do; nothing is changed on second."""
    with fixed(lab, path, how):
        before = state(lab)
        status, answer = Ejtui(lab).json(*words)
        assert status == 1, answer
        text = answer["error"]["message"]
        assert f"{path} " in text, text
        assert how[2] in text, text
        assert f"{how[3]} {path}" in text, text
        assert f"{'lsattr -d' if how in (IMMUTABLE, APPEND) else 'findmnt'} {path}" in text, text
        assert state(lab) == before


JOINS = {
    "the cookie": (COOKIE, IMMUTABLE),
    "the database directory": (HOME, IMMUTABLE),
    "a table": (TABLE, IMMUTABLE),
    "a table that may grow": (TABLE, APPEND),
    "the cookie by a mount": (COOKIE, MOUNTED),
    "the cookie by a read-only mount": (COOKIE, READ_ONLY),
    "the database directory by a read-only mount": (HOME, READ_ONLY),
}
SAMPLE = ("the cookie", "a table", "the cookie by a read-only mount")


@pytest.mark.parametrize(
    "what",
    [each if each in SAMPLE else pytest.param(each, marks=pytest.mark.catalogue) for each in JOINS],
)
def test_no_join_starts(lab: Lab, what: str) -> None:
    refused(lab, *JOINS[what], "join", "--yes")


@pytest.mark.parametrize("path", [COOKIE, HOME], ids=["cookie", "no-room-for-the-lock"])
def test_no_repair_of_the_cookie_starts(lab: Lab, path: str) -> None:
    faults.make("cookie-mode", lab=lab)
    try:
        refused(lab, path, IMMUTABLE, "repair", "cookie-mode", "--yes")
    finally:
        as_root(lab, f"chmod 400 {COOKIE}")


@pytest.mark.parametrize(
    ("code", "path", "how"),
    [
        pytest.param("dist-port-differs", CFG, IMMUTABLE, marks=pytest.mark.catalogue),
        pytest.param("dist-port-differs", CFG, READ_ONLY, marks=pytest.mark.catalogue),
        pytest.param("name-style", CFG, IMMUTABLE, marks=pytest.mark.catalogue),
        pytest.param("dir-root-owned", TABLE, IMMUTABLE, marks=pytest.mark.catalogue),
        pytest.param("schema-split", TABLE, IMMUTABLE, marks=pytest.mark.catalogue),
    ],
)
def test_no_repair_starts(fresh_lab: Lab, code: str, path: str, how: How) -> None:
    faults.make(code, lab=fresh_lab)
    refused(fresh_lab, path, how, "repair", code, "--yes")
    fresh_lab.reset()


@pytest.mark.catalogue
def test_what_root_alone_may_read_is_looked_at_too(fresh_lab: Lab) -> None:
    """All of a database of root's is given, or nothing of it."""
    faults.make("dir-root-owned", lab=fresh_lab)
    as_root(fresh_lab, f"chmod 600 {TABLE}; install -D -m 600 /dev/null {NESTED}")
    for path in (TABLE, NESTED):
        refused(fresh_lab, path, IMMUTABLE, "repair", "dir-root-owned", "--yes")
    status, answer = Ejtui(fresh_lab).json("repair", "dir-root-owned", "--yes")
    assert (status, answer["findings"]) == (0, []), answer
    as_root(fresh_lab, f"chown root {COOKIE}; chmod 400 {COOKIE}")
    refused(fresh_lab, COOKIE, IMMUTABLE, "repair", "cookie-owner", "--yes")


@pytest.mark.catalogue
def test_no_rollback_starts(fresh_lab: Lab) -> None:
    ejtui = Ejtui(fresh_lab)
    ran = ejtui("join", "--yes")
    assert ran.returncode == 0, ran.stderr
    [place] = ejtui.inside("second", "find", BACKUPS, "-name", "2*").split()
    refused(fresh_lab, place, IMMUTABLE, "bring-over", "--yes")
    assert "guest" not in ejtui.ctl("first", "registered_users", "chat.example")
    for path, how in (
        (COOKIE, IMMUTABLE), (HOME, IMMUTABLE), (TABLE, APPEND), (HOME, READ_ONLY),
        (BACKUPS, IMMUTABLE),
    ):  # fmt: skip
        refused(fresh_lab, path, how, "rollback", "--yes")
    status, answer = Ejtui(fresh_lab).json("rollback", "--yes")
    assert status == 0, answer


@pytest.mark.catalogue
def test_no_backup_is_half_removed(fresh_lab: Lab) -> None:
    """Two were used; the last of them stays anyway."""
    ejtui = Ejtui(fresh_lab)
    for words in ("join", "rollback") * 2:
        ran = ejtui(words, "--yes")
        assert ran.returncode == 0, ran.stderr
    _, answer = ejtui.json("backups")
    goes = [each for each in answer["backups"] if each.get("prune") == "used"]
    used = [each["path"] for each in goes if each["host"] == "second"]
    refused(fresh_lab, f"{min(used)}/database/passwd.DAT", IMMUTABLE, "backups", "prune", "--yes")
    status, answer = ejtui.json("backups", "prune", "--yes")
    assert status == 0, answer
    assert as_root(fresh_lab, f"find {min(used)}; true") == ""


@pytest.mark.catalogue
@pytest.mark.parametrize("how", [IMMUTABLE, READ_ONLY, MOUNTED])
def test_no_option_is_taken(fresh_lab: Lab, how: How) -> None:
    as_root(fresh_lab, f"printf '\\nnet_ticktime: 20\\n' >>{YML}")
    refused(fresh_lab, YML, how, "config", "--take", "net_ticktime", "--yes")
