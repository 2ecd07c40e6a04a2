"""Two hosts of Debian's releases."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ejtui.lab.forms.namespaces import Namespaces
from ejtui.lab.lab import Lab, down, up
from ejtui.lab.place import Place
from ejtui.lab.processes import pids
from tests.lab.releases.roots import root
from tests.lab.seeds import up_with_seeds
from tests.patience import SECONDS


@contextmanager
def hosts(directory: Path, first: str, second: str, more: Sequence[str] = ()) -> Iterator[Lab]:
    """A separate lab below `directory`, whose hosts are of those releases; afterwards down.

    `more` are packages that they have beside those of every host.

    Then nothing is left of it, with its mounts, and nothing was written to the releases' roots.
    """
    place = Place(directory / "lab")
    roots = {"first": root(first, more), "second": root(second, more)}
    form = Namespaces(place, roots)
    begun = directory / "begun"
    begun.touch()
    spaces: set[str] = set()
    try:
        kinds = {"first": first, "second": second}
        lab = up_with_seeds(place, kinds, lambda: up(place=place, form=lambda _: form))
        spaces = {_mounts(pid) for pid in form.holders().values()}
        yield lab
    finally:
        down(place)
    assert spaces
    # On a busy computer a process that was ended is there for a moment.
    end = time.monotonic() + SECONDS
    while spaces & {_mounts(pid) for pid in pids()}:
        assert time.monotonic() < end, "processes of the hosts are left"
        time.sleep(0.05)
    changed = ["find", *map(str, roots.values()), "-cnewer", str(begun)]
    assert subprocess.run(changed, capture_output=True, check=True).stdout == b""


def _mounts(pid: int) -> str:
    """Which mounts a process sees; they are gone with the last that does. Empty when it is gone."""
    try:
        return str(Path(f"/proc/{pid}/ns/mnt").readlink())
    except OSError:
        return ""
