"""What the service user does to every erl that runs as it is named, and nobody waits for ever."""

from __future__ import annotations

import time

import pytest

from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.hostile import aims, as_root, as_service, seen

DOT_ERLANG = {
    "ends": "halt().",
    "hangs": "receive never -> ok end.",
    "prints without end": "F = fun F() -> io:format(lists:duplicate(9999, $x)), F() end, F().",
    "prints answers": r'io:format("\nejtui:0 = g20AAAACMjU=\nejtui:1 ! g20=\nejtui:x\n").',
    "prints sequences": r'io:format("\e]0;owned\a\e[2J\n").',
    "is no Erlang": "this is: not (erlang",
}

PATIENCE = 150.0
RUNS = (("check",), ("join", "--yes", "--until", "cookies"), ("backups",))


def bounded(lab: Lab, *words: str) -> tuple[int, str]:
    """The exit code and what was printed: no mistake of ejtui's, and not for ever."""
    started = time.monotonic()
    ran = Ejtui(lab)(*words)
    said = ran.stdout + ran.stderr
    print(f"{time.monotonic() - started:5.1f} s  {words}: {ran.returncode}\n{said[-600:]}")
    assert time.monotonic() - started < PATIENCE, words
    assert ran.returncode in (0, 1, 3), (words, said)
    assert "Traceback" not in said
    assert "a mistake in ejtui itself" not in said
    assert all(line.isprintable() for line in said.split("\n")), said
    return ran.returncode, said


@pytest.mark.catalogue
@pytest.mark.parametrize("what", DOT_ERLANG)
def test_an_erl_that_reads_what_the_service_user_wrote(lab: Lab, what: str) -> None:
    aims(lab)
    as_service(lab, 'printf "%s" "$2" >.erlang', DOT_ERLANG[what])
    before = seen(lab)
    try:
        for words in RUNS:
            bounded(lab, *words)
            assert seen(lab) == before
    finally:
        as_root(lab, "rm -f .erlang")
