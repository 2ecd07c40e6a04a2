"""Where the directory of backups is a link to one of root's, nothing is kept, and no repair starts.

Rounds in which the service user swaps files and links meanwhile: whole runs of ejtui beside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ejtui.cluster.repairs.registry import repairs
from ejtui.lab import faults
from ejtui.lab.breakage import cut_off, reach_again
from ejtui.lab.faults.node import first as first_node
from ejtui.lab.lab import Lab
from ejtui.lab.place import HOSTS
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import ctl
from tests.lab.cluster.hostile import AIMS, aims, as_root, as_service, seen

KEEPERS = [code for code, repair in repairs().items() if repair.keeps and code in faults.FAULTS]
"""The codes whose repair keeps a copy, and that the lab can make."""

ROOTS_OWN = ("dist-port-blocked", "epmd-unreachable")
"""What these keep is root's, and does not pass through the service user's directory."""

WHERE_NEEDED = ("tables-waiting", "tables-missing", "name-in-use")
"""These keep something where there is something to lose; as the lab makes them there is nothing."""

UNWRITABLE = "dir-not-writable"
"""In its fault the service user can make no link any more: it is there before."""

SAMPLE = "cookie-mode"

_LINK = f"rm -rf ejtui-backups; ln -s {AIMS}/etc ejtui-backups"


@pytest.mark.parametrize(
    "code",
    [
        code if code == SAMPLE else pytest.param(code, marks=pytest.mark.catalogue)
        for code in KEEPERS
    ],
)
def test_nothing_is_kept_behind_a_link(fresh_lab: Lab, code: str) -> None:
    if code == UNWRITABLE:
        _link_backups(fresh_lab)
    faults.make(code, lab=fresh_lab)
    if code != UNWRITABLE:
        _link_backups(fresh_lab)
    before = [seen(fresh_lab, host) for host in HOSTS]
    status, answer = Ejtui(fresh_lab).json("repair", code, "--yes")
    for host, was in zip(HOSTS, before, strict=True):
        now = seen(fresh_lab, host)
        assert [line for line in now.splitlines() if AIMS in line] == [
            line for line in was.splitlines() if AIMS in line
        ]
    if code in WHERE_NEEDED:
        assert status == 0, answer
    elif code not in ROOTS_OWN:
        assert [seen(fresh_lab, host) for host in HOSTS] == before
        assert status == 1, answer
        assert "unsafe-path" in str(answer), answer


def _link_backups(lab: Lab) -> None:
    for host in HOSTS:
        aims(lab, host)
        as_root(lab, "rm -rf ejtui-backups", host=host)
        as_service(lab, _LINK, host=host)


_SWAPS = f"""\
import os, time
links = {{".erlang.cookie": "{AIMS}/shadow", "ejtui-backups": "{AIMS}/etc"}}
def swap(name, aim):
    try:
        os.symlink(aim, name + ".new")
        os.rename(name, name + ".kept")
        os.rename(name + ".new", name)
        os.unlink(name)
        os.rename(name + ".kept", name)
    except OSError:
        try:
            os.unlink(name + ".new")
        except OSError:
            pass
        if not os.path.lexists(name) and os.path.lexists(name + ".kept"):
            os.rename(name + ".kept", name)
while True:
    for name, aim in links.items():
        swap(name, aim)
    try:
        backups = os.listdir("ejtui-backups")
    except OSError:
        backups = []
    for each in backups:
        at = "ejtui-backups/" + each
        try:
            names = os.listdir(at)
        except OSError:
            names = []
        for name in names:
            one = at + "/" + name
            if os.path.isfile(one) and not os.path.islink(one) and ".kept" not in one:
                swap(one, "{AIMS}/passwd")
        if each.startswith("config-"):
            swap(at, "{AIMS}/etc")
    time.sleep(0.002)
"""


@contextmanager
def swapping(lab: Lab, host: str = "second") -> Iterator[None]:
    """The service user swaps the cookie and all in the backups for links, all the time."""
    start = 'python3 -c "$2" >/dev/null 2>&1 </dev/null & echo $!'
    pid = as_service(lab, start, _SWAPS, host=host).strip()
    try:
        yield
        as_root(lab, f"kill -0 {pid}", host=host)
    finally:
        as_root(lab, f"kill -KILL {pid} || true", host=host)


_RUNS = (
    ("repair", "cookie-mismatch", "--yes"),
    ("join", "--yes", "--until", "cookies"),
    ("rollback", "--yes"),
    ("config", "--take", "max_fsm_queue", "--yes"),
)


@pytest.mark.parametrize(
    ("rounds", "runs"),
    [
        (1, _RUNS[1:2]),
        pytest.param(100, _RUNS, marks=[pytest.mark.catalogue, pytest.mark.timeout(7200)]),
    ],
    ids=["sample", "hundred"],
)
def test_whole_runs_while_files_are_swapped_reach_nothing_of_roots(
    fresh_lab: Lab, rounds: int, runs: tuple[tuple[str, ...], ...]
) -> None:
    """Each run ends well or with an error that names its cause; nothing outside changes.

    Over many rounds ejtui both gets through and refuses: neither is all that it does.
    """
    aims(fresh_lab)
    if runs == _RUNS:
        differ = "echo 'max_fsm_queue: 1000' >>/etc/ejabberd/ejabberd.yml"
        as_root(fresh_lab, f"{differ}; ejabberdctl reload_config", host="first")
    before = seen(fresh_lab)
    codes: Counter[int] = Counter()
    with swapping(fresh_lab):
        for _ in range(rounds):
            for words in runs:
                ran = Ejtui(fresh_lab)(*words)
                assert seen(fresh_lab) == before, (words, ran.stdout, ran.stderr)
                # 2: several backups, of which a person names one
                assert ran.returncode in (0, 1, 2, 3), (words, ran.stdout, ran.stderr)
                assert "a mistake in ejtui itself" not in ran.stdout + ran.stderr
                assert "Traceback" not in ran.stdout + ran.stderr
                why = "ejtui: " in ran.stderr or ": failed, " in ran.stdout
                assert why or ran.returncode == 0, (words, ran.stdout, ran.stderr)
                codes[ran.returncode] += 1
    assert rounds == 1 or (codes[0] and codes[1]), codes


@pytest.mark.catalogue
@pytest.mark.timeout(3600)
def test_what_removes_and_what_goes_without_first_while_files_are_swapped(fresh_lab: Lab) -> None:
    """Backups are removed, and second rolled back without first; its accounts stay in a backup."""
    lab, ejtui = fresh_lab, Ejtui(fresh_lab)
    aims(lab)
    for word in ("join", "rollback", "join"):
        ran = ejtui(word, "--yes")
        assert ran.returncode == 0, ran.stderr
    first_node(lab).kill()
    cut_off(lab, "first")
    before, codes = seen(lab), Counter[int]()
    try:
        with swapping(lab):
            for _ in range(10):
                for words in (("rollback", "--without-first"), ("backups", "prune")):
                    ran = ejtui(*words, "--yes")
                    assert seen(lab) == before, (words, ran.stdout, ran.stderr)
                    assert ran.returncode in (0, 1, 2, 3), (words, ran.stdout, ran.stderr)
                    assert "a mistake in ejtui itself" not in ran.stdout + ran.stderr
                    assert "Traceback" not in ran.stdout + ran.stderr
                    codes[ran.returncode] += 1
        code, answer = ejtui.json("backups")
        able = [each for each in answer["backups"] if "rollback" in each["uses"]]
        stamps = [each["name"] for each in able if each["accounts"] and each["complete"]]
        assert stamps, (code, answer, codes)
        code, answer = ejtui.json("rollback", stamps[0], "--without-first", "--yes")
        assert code == 0, answer
        assert ctl(lab, "second", "registered_users", "chat.example") == ["guest"]
    finally:
        reach_again(lab, "first")
    with swapping(lab):
        for _ in range(3):
            ran = ejtui("backups", "prune", "--yes")
            assert seen(lab) == before, (ran.stdout, ran.stderr)
            assert ran.returncode in (0, 1, 3), (ran.stdout, ran.stderr)
            assert "a mistake in ejtui itself" not in ran.stdout + ran.stderr
    code, answer = ejtui.json("backups")
    assert [each for each in answer["backups"] if "rollback" in each["uses"]], answer
