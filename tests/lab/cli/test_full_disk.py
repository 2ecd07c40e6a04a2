"""The operator's own disk is full, or read-only: the join goes on, one line reports each file."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.skipping import skip_for

# The disk has room for ejtui's directories, and then is full to the last byte.
FULL = """
mount -t tmpfs -o size=128k tmpfs "$XDG_STATE_HOME"
mkdir -p "$XDG_STATE_HOME/ejtui/journals" "$XDG_STATE_HOME/ejtui/recordings" \\
    "$XDG_STATE_HOME/ejtui/manifests"
head -c 1000000 /dev/zero > "$XDG_STATE_HOME/filled" 2>/dev/null
exec "$@"
"""

# Nobody may write there, not even root.
READ_ONLY = """
mount -t tmpfs -o ro tmpfs "$XDG_STATE_HOME"
exec "$@"
"""


def join(
    ejtui: Ejtui, tmp_path: Path, prepare: str, *more: str
) -> subprocess.CompletedProcess[str]:
    """`ejtui join --yes` with a state directory that was prepared so."""
    return subprocess.run(
        ["unshare", "-m", "sh", "-c", prepare, "sh", *ejtui.argv, "join", "--yes", *more],
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_join_in_a_state_directory_that_takes_nothing(fresh_lab: Lab, tmp_path: Path) -> None:
    """It is read-only for the first steps, then full; the join goes on all the same."""
    skip_for(None if os.geteuid() == 0 else "only root mounts another disk")
    ejtui = Ejtui(fresh_lab)
    ran = join(ejtui, tmp_path, READ_ONLY, "--until", "cookies")
    said = ran.stdout + ran.stderr
    assert (ran.returncode, "Traceback" in said) == (0, False), said
    [line] = [line for line in ran.stderr.splitlines() if line.startswith("ejtui: the journal")]
    assert f"{tmp_path}/ejtui/" in line
    assert "Read-only file system" in line
    assert ejtui.states()["cookies"] == "done"

    ran = join(ejtui, tmp_path, FULL)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    said = ran.stdout + ran.stderr
    assert "Traceback" not in said
    for what in ("the journal", "the copy of the backup's manifest"):
        [line] = [line for line in ran.stderr.splitlines() if line.startswith(f"ejtui: {what}")]
        assert f"{tmp_path}/ejtui/" in line
        assert "No space left on device" in line
    assert set(ejtui.states().values()) == {"done"}
