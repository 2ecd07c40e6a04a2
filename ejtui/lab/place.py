"""Where a lab keeps its files, and the lock that lets one process at a time change it."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ejtui import paths
from ejtui.lab.errors import LabError

HOSTS = ("first", "second")

_LOCK_SECONDS = 120.0


class Place:
    """The lab's directory, `$XDG_STATE_HOME/ejtui/lab`: another state directory is another lab."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or paths.state_dir() / "lab"

    @property
    def key(self) -> str:
        """Eight hex digits that distinguish this lab from others on this computer."""
        return hashlib.sha256(os.fsencode(self.root)).hexdigest()[:8]

    @property
    def config(self) -> Path:
        return self.root / "config.toml"

    @property
    def ssh_config(self) -> Path:
        return self.root / "ssh_config"

    @property
    def known_hosts(self) -> Path:
        return self.root / "known_hosts"

    @property
    def identity(self) -> Path:
        return self.root / "id_ed25519"

    @property
    def password_file(self) -> Path:
        """Holds the one password of all the lab's accounts."""
        return self.root / "password"

    def host_key(self, host: str) -> Path:
        return self.root / f"host_key_{host}"

    def seeded(self, host: str) -> Path:
        """The archive of the host's database as it was after seeding."""
        return self.root / f"seeded_{host}.tar"

    def directory(self, host: str) -> Path:
        """The host's directory, where the hosts share this computer's file system."""
        return self.root / host

    def read_state(self) -> dict[str, Any]:
        """What `up` noted of the lab; empty where there is none, or a torn one."""
        try:
            state = json.loads((self.root / "state.json").read_text())
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def write_state(self, state: dict[str, Any]) -> None:
        self.write(self.root / "state.json", json.dumps(state, indent=1) + "\n")

    def write(self, path: Path, content: str, mode: int = 0o600) -> None:
        """Write one of the lab's files at once or not at all."""
        temporary = path.with_name(f".{path.name}.new")
        temporary.unlink(missing_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
            file.write(content)
        temporary.rename(path)

    def remove(self) -> None:
        """Remove the directory and all in it."""
        shutil.rmtree(self.root, ignore_errors=True)
        if self.root.exists():
            raise LabError(f"{self.root} could not be removed: remove it by hand")
        with contextlib.suppress(OSError):
            # ejtui's state directory, when the lab was all there was in it.
            self.root.parent.rmdir()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lab; waits its turn. Raises LabError when the other takes too long."""
        descriptor = self._lock()
        try:
            yield
        finally:
            os.close(descriptor)

    def _lock(self) -> int:
        deadline = time.monotonic() + _LOCK_SECONDS
        while True:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = self.root / "lock"
            with contextlib.suppress(FileNotFoundError):
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                if self._taken(descriptor, path):
                    return descriptor
                os.close(descriptor)
            if time.monotonic() > deadline:
                raise LabError(f"another ejtui has been changing the lab for long ({path})")
            time.sleep(0.05)

    @staticmethod
    def _taken(descriptor: int, path: Path) -> bool:
        """Whether the lock was got, on the file that `path` still is: `down` removes it."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return os.path.samestat(os.fstat(descriptor), path.stat())
        except OSError:
            return False
