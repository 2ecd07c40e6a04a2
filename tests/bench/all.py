"""Every figure, one after another. Meant for a machine that does nothing else meanwhile."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FIGURES = (
    "startup",
    "first_paint",
    "state",
    "check",
    "join",
    "flood",
    "slow_line",
    "terminal_bytes",
)


def main() -> int:
    """Run each figure's script in a process of its own; 1 when one could not be measured."""
    here = Path(__file__).parent
    failed = [
        figure
        for figure in FIGURES
        if subprocess.run([sys.executable, str(here / f"{figure}.py")], check=False).returncode
    ]
    if failed:
        print(f"\nnot measured: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
