"""A Debian that was just installed: what is changed in it is gone when it is left."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ejtui import scripts
from ejtui.lab.forms import namespaces
from tests import patience
from tests.lab.releases.roots import fresh

PACKAGES = ("python3", "python3-venv", "pipx", "ca-certificates", "mount")
"""What a person has installed there before ejtui."""

_ENTER = scripts.shell(namespaces.__file__, "enter_root.sh") + ": >/entered\nexec sleep infinity\n"
_UNSHARE = ["unshare", "--mount", "--uts", "--pid", "--fork", "--mount-proc", "--kill-child=KILL"]


# The settings of this computer's installers for the network, and whom they trust.
_ABOUT = ("PIP_", "UV_", "SSL_", "HTTP_", "HTTPS_", "NO_", "http_", "https_", "no_")
_FILES = ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt")


class Fresh:
    """One such Debian, entered as root. What fails raises AssertionError with what was printed."""

    def __init__(self, holder: int) -> None:
        self._holder = holder

    def enter(self, *argv: str) -> list[str]:
        """What runs `argv` there, with the environment of a login."""
        told = [f"{name}={of}" for name, of in os.environ.items() if name.startswith(_ABOUT)]
        return [
            *("nsenter", "-t", str(self._holder), "--mount", "--uts", "--pid"),
            *(
                "env",
                "-i",
                *told,
                "HOME=/root",
                "LANG=C.UTF-8",
                f"TERM={os.environ.get('TERM', '')}",
            ),
            "PATH=/root/.local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            *argv,
        ]

    def run(self, *argv: str, stdin: bytes = b"") -> str:
        """Run to the end; answers what it printed."""
        done = subprocess.run(
            self.enter(*argv), input=stdin, capture_output=True, timeout=900, check=False
        )
        out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        assert done.returncode == 0, f"{argv}: {done.returncode}\n{out}\n{err}"
        return out


@contextmanager
def entered(suite: str) -> Iterator[Fresh]:
    """A Debian of that release, for as long as the context lasts."""
    root = str(fresh(suite, PACKAGES))
    with subprocess.Popen([*_UNSHARE, "sh", "-euc", _ENTER, "sh", root]) as unshare:
        try:
            debian = Fresh(_child(unshare.pid))
            _wait(debian)
            for path in _FILES:
                debian.run("sh", "-euc", 'cat >"$1"', "sh", path, stdin=Path(path).read_bytes())
            yield debian
        finally:
            unshare.kill()


def _child(pid: int) -> int:
    end = time.monotonic() + patience.SECONDS
    while time.monotonic() < end:
        if children := Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            return int(children[0])
        time.sleep(0.01)
    raise AssertionError("nothing was started in separate namespaces")


def _wait(debian: Fresh) -> None:
    """Until it is the root of what enters it."""
    end = time.monotonic() + patience.SECONDS
    while subprocess.run(debian.enter("test", "-e", "/entered"), check=False).returncode:
        assert time.monotonic() < end, "it was not entered"
        time.sleep(0.02)


def sources(clone: Path) -> bytes:
    """An archive of the clone's own files, as they are now."""
    listed: Sequence[str] = ["git", "-C", str(clone), "ls-files", "-z"]
    names = subprocess.run(listed, capture_output=True, check=True).stdout
    pack = ["tar", "-C", str(clone), "-c", "--null", "--ignore-failed-read", "-T", "-"]
    return subprocess.run(pack, input=names, capture_output=True, check=True).stdout
