"""Two hosts that boot a real systemd, with Debian's own packages and units.

Each has a separate network, root and cgroup; `systemd-nspawn` boots it. ejabberd runs there
as `ejabberd.service`, epmd by socket activation, sshd as `ssh.service`; `op` may use sudo.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ejtui.lab.errors import LabError
from ejtui.lab.forms import links, tree
from ejtui.lab.forms.namespaces import Namespaces
from ejtui.lab.lab import Lab, up
from ejtui.lab.place import HOSTS, Place
from ejtui.lab.processes import launch, run
from tests import patience
from tests.lab.releases import roots
from tests.lab.seeds import up_with_seeds

PACKAGES = ("systemd-sysv", "dbus")
"""What a root needs beside the packages of every host."""

EXTRA = ("erlang-p1-sqlite3", "iptables", "ufw", "firewalld")
"""One root has all that single tests need: SQL's driver, and what keeps a firewall."""

SUITE = "bookworm"

_TOP = Path("/sys/fs/cgroup")
CGROUPS = (_TOP,) if (_TOP / "cgroup.procs").exists() else (_TOP / "unified", _TOP / "systemd")
"""The hierarchies of this computer in which every host has its cgroup; version 2 first."""

_HERE = Path(__file__).parent
_KEEPER = "keeper"
_POWER = "power"

# Into a cgroup of the host's, as every login is; what is started there is no unit's.
_ENTER = """
while [ "$1" != -- ]; do
    mkdir -p "$1"
    echo 0 >"$1/cgroup.procs"
    shift
done
shift
exec nsenter "$@"
"""

# The bus of systemd is there some time after its first process.
_BOOTED = """
until state=$(systemctl is-system-running --wait 2>/dev/null); [ -n "$state" ] &&
    [ "$state" != offline ] && [ "$state" != unknown ]; do sleep 0.05; done
systemctl is-active --quiet ssh || { systemctl --failed; exit 1; }
"""

# An ejabberd that waits for the other node's tables keeps the boot from its end.
_ANSWERS = "until systemctl is-active --quiet ssh; do sleep 0.05; done"

_ENABLE = 'ln -sf "$(systemctl show -P FragmentPath ejabberd)" "$1"'
_WANTED = "/etc/systemd/system/multi-user.target.wants/ejabberd.service"


def why_not() -> str | None:
    """Why no systemd can be booted here; None when it can."""
    if reason := roots.why_not():
        return reason
    if not Path("/usr/bin/systemd-nspawn").exists():
        return "packages are missing: systemd-container"
    if not all(os.access(each / "cgroup.procs", os.W_OK) for each in CGROUPS):
        return "this computer's cgroups of version 2 cannot be written"
    return None


class Booted(Namespaces):
    """Two hosts, each booted by its own systemd; they end with the process that made them."""

    name = "two hosts with systemd"

    def __init__(self, place: Place, suites: Mapping[str, str], more: Sequence[str] = ()) -> None:
        """Hosts of these releases of Debian, by host; installed when booted, if need be.

        `more` are packages that they have beside those of every host.
        """
        super().__init__(place)
        self._suites = suites
        self._packages = (*PACKAGES, *more)

    # -- up and down --------------------------------------------------------------------------

    def boot(self) -> None:
        """Boot both hosts, ejabberd stopped and without a database. Raises LabError, RootError."""
        self._roots = {host: roots.root(self._suites[host], self._packages) for host in HOSTS}
        launch(
            [sys.executable, str(_HERE / "keeper.py"), str(os.getpid()), *self._mark(_KEEPER)],
            self._log(_KEEPER),
        )
        self._wait_for(_KEEPER)
        super().boot()
        self._each(lambda host: self._run(host, _ENABLE, _WANTED))

    def end(self) -> None:
        """End both hosts, all that runs in them, the links to them and their cgroups."""
        super().end()
        for host in HOSTS:
            self._remove_cgroups(host)

    def cut_power(self, host: str) -> None:
        """End every process of a host at once; its disk, its network and its cables stay."""
        run(["kill", "-KILL", str(self.leader(host))])
        deadline = time.monotonic() + patience.SECONDS
        while self._processes(host):
            if time.monotonic() > deadline:
                raise LabError(f"the processes of {host} do not end")
            time.sleep(0.01)
        self._remove_cgroups(host)

    def restore_power(self, host: str) -> None:
        """Boot a host again after `cut_power`; systemd starts ejabberd, which is not waited for.

        Returns when its sshd answers. Raises LabError when it does not come up.
        """
        self._power_on(host, self.holders()[host], _ANSWERS)
        addresses = self._place.read_state()["addresses"]
        self._put_seeding(host, tree.archive(self._identity(host, addresses)))

    def has_power(self, host: str) -> bool:
        """Whether a host's systemd runs."""
        try:
            self.leader(host)
        except LabError:
            return False
        return True

    def leader(self, host: str) -> int:
        """The process id of a host's systemd on this computer. Raises LabError without one."""
        for pid in self._processes(host):
            with contextlib.suppress(OSError):
                status = Path(f"/proc/{pid}/status").read_text()
                # Its id in the host, in the namespaces that hold it, and here.
                if re.search(r"^NSpid:\t\d+\t\d+\t1$", status, re.M):
                    return pid
        raise LabError(f"{host} is not running")

    def starting(self, host: str) -> list[str]:  # noqa: ARG002 - the same on both
        """The command that starts ejabberd; it does not wait until it runs."""
        return ["systemctl", "start", "--no-block", "ejabberd"]

    # -- how ----------------------------------------------------------------------------------

    def _set_up(self, host: str, holder: int, addresses: dict[str, str]) -> None:
        identity = self._identity(host, addresses)
        script = (_HERE / "root.sh").read_text()
        words = [str(self._roots[host]), links.host_batch(host, addresses)]
        archive = tree.archive(identity)
        run([*self._nsenter(holder), "sh", "-euc", script, "sh", *words], stdin=archive)
        self._power_on(host, holder)
        self._put_seeding(host, archive)

    def _put_seeding(self, host: str, archive: bytes) -> None:
        """The seeding's files lie in memory that is lost with the power."""
        unpack = ["tar", "-x", "-p", "-C", "/", tree.SEEDING.lstrip("/")]
        run(self.enter(host, unpack), stdin=archive)

    def _power_on(self, host: str, holder: int, booted: str = _BOOTED) -> None:
        script = (_HERE / "power.sh").read_text()
        words = ["sh", "-euc", script, "sh", host, *self._cgroups(host), "--"]
        launch([*self._nsenter(holder), *words, *self._mark(_POWER)], self._log(f"{host}-boot"))
        deadline = time.monotonic() + patience.SECONDS
        while True:
            with contextlib.suppress(LabError):
                self.leader(host)
                break
            complaint = self._log(f"{host}-boot").read_text().strip()
            if complaint or time.monotonic() > deadline:
                raise LabError(f"{host} does not boot: {complaint or 'too slow'}")
            time.sleep(0.01)
        self._run(host, booted)

    def _run(self, host: str, script: str, *words: str) -> None:
        run(self.enter(host, ["sh", "-euc", script, "sh", *words]), timeout=patience.SECONDS)

    def _into(self, host: str) -> list[str]:
        inside = ["-t", str(self.leader(host)), "-a", "-r", "-w", "--"]
        into = [f"{each}/payload/lab" for each in self._cgroups(host)]
        return ["sh", "-euc", _ENTER, "sh", *into, "--", *inside]

    def _each(self, work: Callable[[str], None]) -> None:
        with ThreadPoolExecutor() as pool:
            list(pool.map(work, HOSTS))

    # -- its cgroups --------------------------------------------------------------------------

    def _cgroups(self, host: str) -> list[str]:
        """The host's own directory in each hierarchy."""
        return [str(each / f"ejtui-{self._place.key}-{host}") for each in CGROUPS]

    def _processes(self, host: str) -> list[int]:
        """All of a host's processes, by its cgroup."""
        found = []
        for directory in _below(Path(self._cgroups(host)[0])):
            with contextlib.suppress(OSError):
                found += [int(pid) for pid in (directory / "cgroup.procs").read_text().split()]
        return found

    def _remove_cgroups(self, host: str) -> None:
        """Removes the directories, the innermost first; their processes have just been ended."""
        for top in map(Path, self._cgroups(host)):
            deadline = time.monotonic() + patience.SECONDS
            while top.exists():
                for directory in reversed(_below(top)):
                    with contextlib.suppress(OSError):
                        directory.rmdir()
                if time.monotonic() > deadline:
                    raise LabError(f"{top} cannot be removed: processes are left in it")
                time.sleep(0.01)


def _below(top: Path) -> list[Path]:
    """A directory and all those below it, the outermost first; none when it is not there."""
    return [Path(path) for path, _, _ in os.walk(top)]


@contextlib.contextmanager
def booted(
    directory: Path, first: str = SUITE, second: str = SUITE, more: Sequence[str] = ()
) -> Iterator[Lab]:
    """A lab below `directory`, whose hosts boot a systemd of these releases; afterwards down.

    `more` are packages that they have beside those of every host.

    Nothing is left of it then: no process, mount, namespace, link, cgroup or file.
    """
    place = Place(directory / "lab")
    form = Booted(place, {"first": first, "second": second}, more)
    try:
        kinds = {"first": f"booted-{first}", "second": f"booted-{second}"}
        yield up_with_seeds(place, kinds, lambda: up(place=place, form=lambda _: form))
    finally:
        form.end()
        place.remove()
