"""The accounts of the labs of one test run: seeded for real once for each release, then shared.

A lab seeds its hosts when it is brought up, and keeps an archive of that for its resets. Here the
archives of a run's labs are kept for its other labs and workers, all of which have one password.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ejtui.lab import keys
from ejtui.lab.lab import Lab
from ejtui.lab.place import Place

DIRECTORY = "EJTUI_TEST_SEEDS"
"""The environment variable that names where they are; without it each lab seeds its own."""


def up_with_seeds(place: Place, kinds: Mapping[str, str], bring_up: Callable[[], Lab]) -> Lab:
    """Bring a lab up, with the accounts of the run where hosts of these kinds were seeded before.

    `kinds` are what each host is made of, by its name. Raises what `bring_up` raises.
    """
    if DIRECTORY not in os.environ:
        return bring_up()
    kept = Path(os.environ[DIRECTORY])
    place.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    archives = {host: kept / f"{kind}-{host}.tar" for host, kind in kinds.items()}
    with _held(kept / "lock"):
        _keep(kept / "password", place.password_file)
        if not place.password_file.exists():
            keys.make_password(place)
            _keep(place.password_file, kept / "password")
    # So that two workers do not seed the same.
    with _held(kept / f"{'-'.join(sorted(set(kinds.values())))}.lock") as let_go:
        for host, archive in archives.items():
            _keep(archive, place.seeded(host))
        if all(archive.exists() for archive in archives.values()):
            let_go()
        lab = bring_up()
        for host, archive in archives.items():
            _keep(place.seeded(host), archive)
    return lab


@contextmanager
def _held(file: Path) -> Iterator[Callable[[], None]]:
    """Holds a lock; gives what lets it go before the end."""
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lambda: fcntl.flock(lock, fcntl.LOCK_UN)


def _keep(source: Path, target: Path) -> None:
    """Copies it, where it is there to copy and not there yet; whole or not at all."""
    if source.exists() and not target.exists():
        whole = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.copy(source, whole)
        whole.rename(target)
