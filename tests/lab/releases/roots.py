"""Debian's releases as roots for the lab's hosts: each installed once, and kept for the next run.

`python -m tests.lab.releases.roots` has all of them there; it needs root, and installs what is
missing from the mirror that this computer's own apt has.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SUITES = ("bullseye", "bookworm", "trixie", "sid")

# Before any test has its own cache directory.
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
DIRECTORY = _CACHE / "ejtui-tests" / "roots"

# What the lab's hosts and the faults use of a host, beside what every Debian has.
_PACKAGES = (
    "ejabberd", "openssh-server", "sudo", "iproute2", "nftables", "procps", "hostname", "mount",
)  # fmt: skip
_SETTINGS = (
    *(f"--dpkgopt=path-exclude=/usr/share/{each}/*" for each in ("doc", "man", "locale", "info")),
    "--dpkgopt=force-unsafe-io",
    '--aptopt=APT::Install-Recommends "false"',
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=Acquire::Retries "5"',
    # A mirror may be a snapshot of some day.
    '--aptopt=Acquire::Check-Valid-Until "false"',
)

_SECONDS = 1800.0


class RootError(Exception):
    """A release could not be installed; the text is why."""


def why_not() -> str | None:
    """Why no release can be installed here; None when it can."""
    if os.geteuid() != 0:
        return "installing a release needs root"
    if not shutil.which("mmdebstrap"):
        return "packages are missing: mmdebstrap"
    return None


def root(suite: str, more: Sequence[str] = ()) -> Path:
    """The root of a release, installed if it is not there; waits while another process does so.

    `more` are packages beside those that every host needs. Raises RootError when it cannot be
    installed within half an hour.
    """
    return _root(suite, (*_PACKAGES, *more))


def fresh(suite: str, packages: Sequence[str]) -> Path:
    """The root of a release with these packages alone, beside what every Debian has, and apt."""
    return _root(suite, ("apt", *packages))


def _root(suite: str, packages: Sequence[str]) -> Path:
    digest = hashlib.sha256("\n".join((*packages, *_SETTINGS)).encode()).hexdigest()[:8]
    place = DIRECTORY / f"{suite}-{digest}"
    if not place.exists():
        DIRECTORY.mkdir(parents=True, exist_ok=True)
        with _locked(place.with_suffix(".lock")):
            if not place.exists():
                _install(suite, packages, place)
    return place


def _install(suite: str, packages: Sequence[str], place: Path) -> None:
    unfinished = place.with_suffix(".unfinished")
    subprocess.run(["rm", "-rf", "--one-file-system", unfinished], check=True)
    log = place.with_suffix(".log")
    argv = [
        # Whatever ends this process ends what was started, with its mounts.
        "unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child=KILL",
        "mmdebstrap", "--mode=root", "--variant=essential", "--format=directory",
        f"--include={','.join(packages)}", *_SETTINGS, *_proxies(),
        suite, str(unfinished), _mirror(),
    ]  # fmt: skip
    with log.open("wb") as said:
        try:
            subprocess.run(
                argv, stdin=subprocess.DEVNULL, stdout=said, stderr=said, timeout=_SECONDS,
                check=True,
            )  # fmt: skip
        except subprocess.SubprocessError as error:
            last = "\n".join(log.read_text(errors="replace").splitlines()[-5:])
            raise RootError(f"{suite} could not be installed: {error}\n{last}") from None
    unfinished.rename(place)


def _mirror() -> str:
    """Where this computer's apt has Debian's main packages from, for every form of sources."""
    fields = "$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)"
    lines = _said(["apt-get", "indextargets", "--format", fields, "Created-By: Packages"])
    for line in lines:
        *kind, uri = line.split("|", 3)
        if kind == ["Debian", "Debian", "main"]:
            return uri
    raise RootError("this computer's apt has no mirror of Debian (try: apt-get update)")


def _proxies() -> list[str]:
    """How this computer's apt reaches its mirrors, as options."""
    lines = _said(["apt-config", "dump", "--format", '%f "%v"%n', "Acquire"])
    return [f"--aptopt={line}" for line in lines if "::Proxy" in line and '""' not in line]


def _said(argv: list[str]) -> list[str]:
    try:
        return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.SubprocessError) as error:
        raise RootError(f"this computer's apt does not answer: {error}") from None


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    deadline = time.monotonic() + _SECONDS
    with path.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise RootError(f"another process holds {path} for long") from None
                time.sleep(0.2)
        yield


def main() -> None:
    """Have every release, as many at once as there are processors."""

    def have(suite: str) -> None:
        began = time.monotonic()
        place = root(suite)
        print(f"{suite}: {place} ({time.monotonic() - began:.0f} s)", file=sys.stderr)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(have, SUITES))


if __name__ == "__main__":
    main()
