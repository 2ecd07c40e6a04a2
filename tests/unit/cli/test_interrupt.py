"""Signals end a command in order."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.patience import SECONDS

PROGRAM = """
import asyncio, sys
from ejtui.cli import interrupt

async def main(slow):
    try:
        print("started", flush=True)
        await asyncio.Event().wait()
    finally:
        print("closing", flush=True)
        if slow:
            await asyncio.Event().wait()

try:
    interrupt.run(main(slow=len(sys.argv) > 1))
except interrupt.Interrupted as error:
    print(error, flush=True)
"""


def started(*arguments: str) -> subprocess.Popen[str]:
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stdout
    assert program.stdout.readline() == "started\n"
    return program


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_closes_what_is_open(number: signal.Signals) -> None:
    program = started()
    program.send_signal(number)
    out, _ = program.communicate(timeout=SECONDS)
    assert out.splitlines() == ["closing", number.name]


def test_the_third_ends_what_does_not_end() -> None:
    program = started("slow")
    assert program.stdout
    assert program.stderr
    program.send_signal(signal.SIGINT)
    assert program.stdout.readline() == "closing\n"
    program.send_signal(signal.SIGINT)
    assert program.stderr.readline() == "ejtui: still ending; once more ends at once\n"
    program.send_signal(signal.SIGINT)
    program.communicate(timeout=SECONDS)
    assert program.returncode == -signal.SIGINT


def test_under_nohup_a_hang_up_changes_nothing() -> None:
    program = subprocess.Popen(
        ["nohup", sys.executable, "-c", PROGRAM],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert program.stdout
    assert program.stdout.readline() == "started\n"
    program.send_signal(signal.SIGHUP)
    program.send_signal(signal.SIGTERM)
    out, _ = program.communicate(timeout=SECONDS)
    assert out.splitlines() == ["closing", "SIGTERM"]
