"""What a hostile service user can put where ejtui looks for a file.

Each is named, none is followed, none holds ejtui up, and nothing of root's changes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.hostile import AIMS, aims, as_root, as_service, seen

STAMP = "20260101T000000Z"
_MANIFEST = {
    "format": 1, "stamp": STAMP, "first": "ejabberd@first", "second": "ejabberd@second",
    "stage": "moved", "directory": "/var/lib/ejabberd", "place": f"{AIMS}/etc",
    "created": "2026-01-01T00:00:00+00:00", "by": "op@desk", "was_running": True,
}  # fmt: skip
LOCK = ".ejtui.lock.0000000a"
_AT = f"ejtui-backups/{STAMP}"
_IN = f"mkdir -p {_AT}; "


def _manifest(**values: object) -> str:
    return f"{_IN}printf '%s\\n' '{json.dumps(_MANIFEST | values)}' >{_AT}/manifest.json"


def _listening(does: str) -> str:
    """A program that listens where a lock of ejtui's would; its process id is in `x`."""
    lines = (
        "import contextlib, socket", "s = socket.socket(socket.AF_UNIX)", f"s.bind('{LOCK}')",
        "s.listen(9)", "kept = []", "while True:", " c = s.accept()[0]", " kept.append(c)",
        f" with contextlib.suppress(OSError): {does or 'pass'}",
    )  # fmt: skip
    program = "\n".join(lines)
    return f'python3 -c "{program}" >/dev/null 2>&1 </dev/null & echo $! >x'


ODD = {
    "backups are a pipe": "mkfifo ejtui-backups",
    "backups are a file": "touch ejtui-backups",
    "backups are a socket": "python3 -c 'import socket as s; s.socket(s.AF_UNIX).bind(\"x\")';"
    " mv x ejtui-backups",
    "a manifest is a pipe": f"{_IN}mkfifo {_AT}/manifest.json",
    "a manifest is a directory": f"mkdir -p {_AT}/manifest.json",
    "a manifest is huge": f"{_IN}truncate -s 900G {_AT}/manifest.json",
    "a manifest has a second name": f"{_IN}touch x; ln x {_AT}/manifest.json",
    "a manifest has a huge number": _manifest(number=10**4000),
    "a manifest counts below nothing": _manifest(account_count=-(10**9)),
    "a manifest is of deep lists": f"{_IN}python3 -c 'print(\"[\" * 10**6)' >{_AT}/manifest.json",
    "a manifest names a pipe": f"{_manifest(files=[])}; mkfifo {_AT}/database",
    "the note of others is a pipe": "mkdir -p ejtui-backups/elsewhere;"
    " mkfifo ejtui-backups/elsewhere/manifest.json",
    "the cookie is a pipe": "rm -f .erlang.cookie; mkfifo -m 400 .erlang.cookie",
    "the cookie is a directory": "rm -f .erlang.cookie; mkdir .erlang.cookie",
    "the cookie is huge": "rm -f .erlang.cookie; truncate -s 900G .erlang.cookie;"
    " chmod 400 .erlang.cookie",
    "the lock is a pipe": f"mkfifo {LOCK}",
    "the lock is a link": f"ln -s {AIMS}/shadow {LOCK}",
    "the lock is a directory": f"mkdir {LOCK}",
    "the lock is a socket that sends nothing": _listening(""),
    "the lock is a socket that sends something else": _listening("c.sendall(b'\\0\\0\\0\\5hello')"),
    "the lock is a socket that sends no end": _listening("c.sendall(b'\\xff' * 10**7)"),
    "a table is a pipe": "mkfifo odd.DCD",
    "a table is a link": f"ln -s {AIMS}/shadow odd.DAT",
    "what was brought over is a pipe": f"{_manifest()}; mkfifo {_AT}/brought-over-database.json",
}
SAMPLE = ("a manifest is a pipe", "a manifest has a huge number", "backups are a file")

RUNS = (
    ("check", "--json"), ("backups", "--json"), ("backups", "prune", "--yes"),
    ("repair", "cookie-mismatch", "--yes"), ("rollback", "--yes"), ("bring-over", STAMP, "--yes"),
    ("join", "--yes", "--until", "cookies"),
)  # fmt: skip
LOCKED = (RUNS[2], RUNS[4], RUNS[6])
"""What takes the lock in any state."""

PATIENCE = 100.0


@pytest.fixture
def attacked(lab: Lab) -> Iterator[Lab]:
    """The lab with aims on second; what belongs to its service user is restored afterwards."""
    aims(lab)
    as_root(lab, "cp -p .erlang.cookie /run/own.cookie; rm -rf ejtui-backups")
    yield lab
    as_root(lab, f"[ ! -s x ] || kill $(cat x); rm -rf {LOCK} ejtui-backups odd.* x .erlang.cookie")
    as_root(lab, "cp -p /run/own.cookie .erlang.cookie")


@pytest.mark.parametrize(
    "odd",
    [odd if odd in SAMPLE else pytest.param(odd, marks=pytest.mark.catalogue) for odd in ODD],
)
def test_what_is_no_plain_file_is_named_and_reaches_nothing(attacked: Lab, odd: str) -> None:
    as_service(attacked, ODD[odd])
    before = seen(attacked)
    for words in RUNS if odd not in SAMPLE else RUNS[1:4]:
        started = time.monotonic()
        ran = Ejtui(attacked)(*words)
        assert seen(attacked) == before, (words, ran.stdout, ran.stderr)
        assert ran.returncode in (0, 1, 3), (words, ran.stdout, ran.stderr)
        assert "a mistake in ejtui itself" not in ran.stdout + ran.stderr
        assert "Traceback" not in ran.stdout + ran.stderr
        assert time.monotonic() - started < PATIENCE, words
        if "socket that" in odd and words in LOCKED:
            assert f"{LOCK} is a socket at which no ejtui answers" in ran.stdout + ran.stderr
        print(odd, words, ran.returncode, (ran.stderr or ran.stdout)[-300:], flush=True)


@pytest.mark.catalogue
def test_a_lock_of_another_owner_is_named(attacked: Lab) -> None:
    """One that is dead and one that an ejtui of root's holds look alike: a person decides."""
    bind = "python3 -c 'import socket as s; s.socket(s.AF_UNIX).bind(\"x\")'"
    as_root(attacked, f"{bind}; mv x {LOCK}; chmod 600 {LOCK}")
    ran = Ejtui(attacked)("join", "--yes", "--until", "cookies")
    assert ran.returncode == 1
    assert f"{LOCK} belongs to root: who holds the lock cannot be asked" in ran.stderr
    as_root(attacked, f"rm {LOCK}")
    assert Ejtui(attacked)("join", "--yes", "--until", "cookies").returncode == 0
