"""The packages that the lab needs, and their installation without starting anything."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from ejtui.lab.errors import LabError
from ejtui.lab.processes import run

# What is looked for, and the Debian package that brings it.
_BOTH = {"ejabberdctl": "ejabberd", "erl": "erlang-base", "pgrep": "procps"}
_NAMESPACES = {
    "unshare": "util-linux",
    "hostname": "hostname",
    "ip": "iproute2",
    "nft": "nftables",
    "sshd": "openssh-server",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "sudo": "sudo",
}

_SEARCH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_POLICY = Path("/usr/sbin/policy-rc.d")
_POLICY_TEXT = "#!/bin/sh\n# ejtui lab: no service starts by being installed.\nexit 101\n"


def missing(namespaces: bool) -> list[str]:
    """The Debian packages that the lab needs and this computer lacks."""
    wanted = _BOTH | (_NAMESPACES if namespaces else {})
    search = f"{os.environ.get('PATH', '')}:{_SEARCH}"
    found = (package for tool, package in wanted.items() if not shutil.which(tool, path=search))
    return sorted(set(found))


def ensure(namespaces: bool, yes: bool, say: Callable[[str], None]) -> None:
    """Have every package that the lab needs, after a yes on this terminal unless `yes`.

    Raises LabError naming the packages when they cannot be installed, or the answer is no.
    """
    packages = missing(namespaces)
    if not packages:
        return
    names = " ".join(packages)
    if shutil.which("apt-get") is None:
        raise LabError(
            f"the lab needs what Debian packages as: {names}\n"
            "install them with this system's package manager, then try again"
        )
    as_root = _as_root(names)
    if not yes and not _agreed(names):
        raise LabError(f"the lab needs: {names}\ninstall them, or use --yes")
    say(f"installing {names}")
    with _no_service_starts(as_root):
        _install(as_root, packages)


def _as_root(names: str) -> list[str]:
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        raise LabError(
            f"the lab needs: {names}\nas root: apt-get install {names}\n"
            "(there is no sudo here to do it with)"
        )
    return ["sudo"]


def _agreed(names: str) -> bool:
    if not sys.stdin.isatty():
        return False
    print(f"The lab needs packages that are not installed: {names}", file=sys.stderr)
    print("Install them with apt-get? No service will be started. [y/N] ", end="", file=sys.stderr)
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _install(as_root: list[str], packages: list[str]) -> None:
    """Install; with fresh package lists when the ones here do not do."""
    apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    first = subprocess.run(install, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if first.returncode == 0:
        return
    run([*apt, "update"], timeout=600)
    run(install, timeout=1800)


@contextlib.contextmanager
def _no_service_starts(as_root: list[str]) -> Iterator[None]:
    """Keep services from starting with Debian's policy-rc.d, unless there is one already."""
    script = 'set -C; cat > "$1" && chmod 755 "$1"'
    run(
        [*as_root, "sh", "-c", script, "sh", str(_POLICY)],
        stdin=_POLICY_TEXT.encode(),
        check=False,
    )
    try:
        yield
    finally:
        # Its text marks it as ours, also after an installation that was killed.
        with contextlib.suppress(OSError, UnicodeDecodeError):
            if _POLICY.read_text() == _POLICY_TEXT:
                run([*as_root, "rm", "-f", str(_POLICY)])
