"""The operator's own disk is full: the join goes on, and one line reports each file."""

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


def test_a_join_on_a_full_disk(fresh_lab: Lab, tmp_path: Path) -> None:
    skip_for(None if os.geteuid() == 0 else "only root mounts another disk")
    ejtui = Ejtui(fresh_lab)
    ran = subprocess.run(
        ["unshare", "-m", "sh", "-c", FULL, "sh", *ejtui.argv, "join", "--yes"],
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    said = ran.stdout + ran.stderr
    assert "Traceback" not in said
    for what in ("the journal", "the copy of the backup's manifest"):
        [line] = [line for line in ran.stderr.splitlines() if line.startswith(f"ejtui: {what}")]
        assert f"{tmp_path}/ejtui/" in line
        assert "No space left on device" in line
    assert set(ejtui.states().values()) == {"done"}
