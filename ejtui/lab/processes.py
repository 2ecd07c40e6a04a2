"""Finding, running and ending processes of the lab."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from ejtui.lab.errors import LabError

_END_SECONDS = 20.0
_EXEC_SECONDS = 0.5
_LOOKS = 3
"""So many looks in a row that find nobody are believed."""


def run(
    argv: Sequence[str],
    *,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    timeout: float = 60.0,
    check: bool = True,
) -> subprocess.CompletedProcess[bytes]:
    """Run to the end, output captured. Raises LabError for a failure, with its output."""
    try:
        done = subprocess.run(
            argv, input=stdin, env=env, timeout=timeout, capture_output=True, cwd="/", check=False
        )
    except (FileNotFoundError, PermissionError):
        # Without permission where a folder of $PATH cannot be read: it was looked for there too.
        raise LabError(f"{argv[0]} is not installed") from None
    except subprocess.TimeoutExpired as error:
        output = (error.stderr or b"").decode(errors="replace").strip()
        raise LabError(f"{_shown(argv)} did not end within {timeout:g} s: {output}") from None
    if check and done.returncode:
        output = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise LabError(f"{_shown(argv)} failed with code {done.returncode}: {output}")
    return done


def launch(argv: Sequence[str], log: Path) -> None:
    """Start what stays, as nobody's child and away from this terminal; it complains into `log`."""
    with log.open("wb") as errors:
        subprocess.run(
            ["setsid", "--fork", *argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd="/",
            check=True,
        )


def _shown(argv: Sequence[str]) -> str:
    """A command for people: long scripts cut."""
    return " ".join(word if len(word) < 80 else word[:60].split("\n")[0] + " …" for word in argv)


def command_line(pid: int) -> list[str]:
    """A process's argv; empty when it is gone, a zombie, or nobody's business.

    One that is about to become another program has none for a moment, which is waited for.
    """
    deadline = time.monotonic() + _EXEC_SECONDS
    while True:
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]
            if words:
                return [os.fsdecode(word) for word in words]
            # Neither the kernel's own nor a zombie has a program.
            Path(f"/proc/{pid}/exe").readlink()
        except OSError:
            return []
        if time.monotonic() > deadline:
            return []
        time.sleep(0.001)


def name_of(pid: int) -> str:
    """What the process calls itself; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().rstrip("\n")
    except OSError:
        return ""


def is_own(pid: int) -> bool:
    """Whether the process belongs to the user who asks."""
    try:
        return Path(f"/proc/{pid}").stat().st_uid == os.geteuid()
    except OSError:
        return False


def environment(pid: int) -> list[bytes]:
    """A process's environment as `NAME=value`; empty when it may not be read."""
    command_line(pid)  # Waits for one that is about to become another program.
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def pids() -> Iterator[int]:
    """Every process that this one can see, itself and its ancestors left out."""
    own = set(_ancestry(os.getpid()))
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) not in own:
            yield int(entry.name)


def _ancestry(pid: int) -> Iterator[int]:
    while pid > 0:
        yield pid
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return
        pid = int(stat.rpartition(")")[2].split()[1])


def end(is_ours: Callable[[int], bool]) -> None:
    """Kill every process for which `is_ours` is true, and wait until they are gone.

    A pid is looked at again after it has been pinned by a descriptor, so that a pid taken over by
    another process is never hit. A process that is becoming a daemon, its parent gone already, may
    be in no single look. Raises LabError when some do not go.
    """
    deadline = time.monotonic() + _END_SECONDS
    looks = _LOOKS
    while looks:
        doomed = [pid for pid in pids() if is_ours(pid)]
        looks = _LOOKS if doomed else looks - 1
        for pid in doomed:
            _kill(pid, is_ours, deadline)
        if time.monotonic() > deadline:
            raise LabError(f"processes {doomed} of the lab do not end")


def _kill(pid: int, is_ours: Callable[[int], bool], deadline: float) -> None:
    try:
        pinned = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if is_ours(pid):
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(pinned, signal.SIGKILL)
            # Readable once the process has ended.
            select.select([pinned], [], [], max(0.0, deadline - time.monotonic()))
    finally:
        os.close(pinned)
