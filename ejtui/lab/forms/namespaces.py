"""The full form: two hosts in separate namespaces, reached by ssh."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ejtui import scripts
from ejtui.lab import keys
from ejtui.lab.errors import LabError
from ejtui.lab.forms import links, tree
from ejtui.lab.place import HOSTS, Place
from ejtui.lab.processes import command_line, end, is_own, launch, name_of, pids, run

_MARK = "ejtui-lab-host"
_INIT = Path(__file__).parent / "init.py"
_RELAY = Path(__file__).parent / "relay.py"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_BOOT_SECONDS = 60.0
NAMESPACES = (
    "--net", "--uts", "--mount", "--ipc", "--pid", "--fork", "--mount-proc", "--kill-child=KILL",
)  # fmt: skip
_OUTSIDE = "outside"
_SLOW = "relay"
USER_NAMESPACE = ("--user", "--map-root-user", "--map-auto", "--net", "--mount")

_SETUP = scripts.shell(__file__, "set_up.sh")
_ENTER_ROOT = scripts.shell(__file__, "enter_root.sh")


class Namespaces:
    """Two hosts, each a process 1 in its own network, mount, host name, pid and ipc namespaces."""

    name = "two separate hosts"
    needs_namespaces = True
    shortcomings: tuple[str, ...] = ()

    def __init__(self, place: Place, roots: Mapping[str, Path] | None = None) -> None:
        """Hosts made of this computer's packages, but for those that `roots` names another root of.

        Such a root is another system's installed files; nothing is written there.
        """
        self._place = place
        self._roots = roots or {}

    # -- what there is ------------------------------------------------------------------------

    def holders(self) -> dict[str, int]:
        """The pids, on this computer, of the processes that hold the namespaces, by host.

        Only those that are ready: their process name shows it.
        """
        found = {}
        for pid in pids():
            words = command_line(pid)
            if is_own(pid) and self._is_ours(words) and name_of(pid) == _MARK:
                found[words[-1]] = pid
        return found

    def is_up(self) -> bool:
        """Whether both hosts are there."""
        return set(HOSTS) <= set(self.holders())

    def _is_ours(self, words: list[str]) -> bool:
        return words[-3:-1] == [_MARK, str(self._place.root)]

    # -- up and down --------------------------------------------------------------------------

    def boot(self) -> None:
        """Make both hosts, with sshd running and ejabberd stopped, without a database."""
        keys.make_keys(self._place)
        outside = self.outside()
        for host in HOSTS:
            self._hold(host, outside, NAMESPACES)
        holders = self._wait_for(*HOSTS)
        addresses = links.choose(self._place.key, outside)
        links.connect(self._place.key, addresses, holders, outside)
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda host: self._set_up(host, holders[host], addresses), HOSTS))
        keys.write_ssh(self._place, addresses, self._proxies(holders))
        nodes = {host: keys.ssh_node(self._place, addresses[host]) for host in HOSTS}
        keys.write_config(self._place, nodes)
        self._place.write_state(self._place.read_state() | {"addresses": addresses})

    def end(self) -> None:
        """End both hosts and all that runs in them, and remove the links to them."""
        end(self._ends)
        links.remove(self._place.key)

    def relink(self, settings: Sequence[str] = ()) -> None:
        """Replace the links: by the relay with these settings, or else by the kernel's own.

        Raises LabError when the relay cannot make them.
        """
        end(lambda pid: self._ends(pid) and command_line(pid)[-1] == _SLOW)
        holders = self.holders()
        run(
            [*self._nsenter(holders[HOSTS[0]]), "ip", "link", "delete", links.PEER_LINK],
            check=False,
        )
        links.remove(self._place.key)
        addresses = self._place.read_state()["addresses"]
        if settings:
            ends = links.relay_ends(self._place.key, holders, os.getpid())
            self._start(_SLOW, [str(_RELAY), *settings, *ends])
            self._wait_for(_SLOW)
            links.address(self._place.key, addresses, self.outside())
        else:
            links.connect(self._place.key, addresses, holders, self.outside())
        for host in HOSTS:
            batch = links.host_batch(host, addresses).encode()
            run([*self._nsenter(holders[host]), "ip", "-batch", "-"], stdin=batch)

    def relay_words(self) -> list[str]:
        """What the relay was started with; empty where there is none."""
        relay = self.holders().get(_SLOW)
        return command_line(relay)[4:-3] if relay else []

    def outside(self) -> list[str]:
        """The prefix of a command that runs where this computer's ends of the links are."""
        return []

    def _proxies(self, holders: Mapping[str, int]) -> dict[str, str]:  # noqa: ARG002
        """The ProxyCommands without which ssh does not reach the hosts."""
        return {}

    def _ends(self, pid: int) -> bool:
        return is_own(pid) and self._is_ours(command_line(pid))

    def _hold(self, host: str, outside: Sequence[str], namespaces: Sequence[str]) -> None:
        """Start what holds namespaces for a host."""
        self._start(host, [str(_INIT)], [*outside, "unshare", *namespaces])

    def _start(self, name: str, program: Sequence[str], before: Sequence[str] = ()) -> None:
        """Start what stays; all of its last words but the last one are every lab's."""
        words = [*program, *self._mark(name)]
        launch([*before, sys.executable, "-I", "-S", *words], self._log(name))

    def _mark(self, name: str) -> tuple[str, str, str]:
        """The last arguments of every process of this lab; `name` is its purpose."""
        return _MARK, str(self._place.root), name

    def _log(self, host: str) -> Path:
        return self._place.root / f"{host}.log"

    def _wait_for(self, *hosts: str) -> dict[str, int]:
        deadline = time.monotonic() + _BOOT_SECONDS
        while not set(hosts) <= set(self.holders()):
            complaint = "".join(self._log(host).read_text() for host in hosts).strip()
            if complaint or time.monotonic() > deadline:
                what = "their links" if _SLOW in hosts else "the hosts' namespaces"
                raise LabError(f"{what} cannot be made: {complaint or 'too slow'}")
            time.sleep(0.005)
        return self.holders()

    def _set_up(self, host: str, holder: int, addresses: dict[str, str]) -> None:
        if host in self._roots:
            root = str(self._roots[host])
            run([*self._nsenter(holder), "sh", "-euc", _ENTER_ROOT, "sh", root])
        script = ["sh", "-eu", "-c", _SETUP, "sh", host, links.host_batch(host, addresses)]
        run(self.enter(host, script), stdin=tree.archive(self._identity(host, addresses)))

    def _identity(self, host: str, addresses: Mapping[str, str]) -> tree.Identity:
        place = self._place
        return tree.Identity(
            host=host,
            addresses={name: at for name, at in addresses.items() if name != "machine"},
            host_key=place.host_key(host).read_text(),
            authorized_key=place.identity.with_suffix(".pub").read_text(),
            cookie=keys.cookie(),
            password=place.password_file.read_text().strip(),
            root=self._roots.get(host, Path("/")),
        )

    # -- inside -------------------------------------------------------------------------------

    def enter(self, host: str, argv: Sequence[str], *, service: bool = False) -> list[str]:
        """What runs `argv` inside a host, as root or as the service's user.

        Raises LabError when the host is not there.
        """
        become = ["setpriv", f"--reuid={tree.SERVICE}", f"--regid={tree.SERVICE}", "--init-groups"]
        return [
            *self._into(host),
            *(become if service else ()),
            "env", "-i", f"PATH={_PATH}", "LANG=C.UTF-8",
            f"HOME={tree.HOME if service else '/root'}",
            f"TERM={os.environ.get('TERM', 'dumb')}",
            *argv,
        ]  # fmt: skip

    def _into(self, host: str) -> list[str]:
        """The prefix of a command that runs inside a host."""
        holder = self.holders().get(host)
        if holder is None:
            raise LabError(f"{host} is not running: bring the lab up with `ejtui lab up`")
        return self._nsenter(holder)

    @staticmethod
    def _nsenter(holder: int) -> list[str]:
        return ["nsenter", "-t", str(holder), "-n", "-u", "-m", "-i", "-p", "-w", "--"]

    def starting(self, host: str) -> list[str]:
        """The command that starts ejabberd on a host."""
        return [self.ejabberdctl(host), "start"]

    def ejabberdctl(self, host: str) -> str:  # noqa: ARG002 - one name on both hosts
        return "/usr/sbin/ejabberdctl"

    def home(self, host: str) -> str:  # noqa: ARG002
        return tree.HOME

    def seeding(self, host: str) -> str:  # noqa: ARG002
        """The directory with the seeding's files."""
        return tree.SEEDING

    def node(self, host: str) -> str:
        return f"ejabberd@{host}"

    def admin_pages(self) -> Mapping[str, str]:
        """The web admins' addresses."""
        addresses = self._place.read_state()["addresses"]
        return {host: f"http://{addresses[host]}:{tree.PORTS['http']}/admin/" for host in HOSTS}

    def reach(self) -> Mapping[str, str]:
        """How a person gets onto each host."""
        return {
            host: shlex.join(["ssh", "-F", str(self._place.ssh_config), host]) for host in HOSTS
        }


class Rootless(Namespaces):
    """The same for an ordinary user, below a user namespace with a range of users mapped into it.

    The hosts' network ends in that namespace, not on this computer; ssh gets in through a
    ProxyCommand that enters the host and speaks with a sshd there.
    """

    name = "two separate hosts in a user namespace"
    shortcomings = ("a network that this computer reaches: ssh goes through a ProxyCommand",)

    def outside(self) -> list[str]:
        """Enters the user namespace, made when it is not there."""
        if _OUTSIDE not in self.holders():
            self._hold(_OUTSIDE, [], USER_NAMESPACE)
        holder = self._wait_for(_OUTSIDE)[_OUTSIDE]
        return ["nsenter", "-t", str(holder), "-U", "-n", "-m", "--"]

    def _proxies(self, holders: Mapping[str, int]) -> dict[str, str]:
        return {
            host: shlex.join([*self._nsenter(holders[host]), "/usr/sbin/sshd", "-i"])
            for host in HOSTS
        }

    @staticmethod
    def _nsenter(holder: int) -> list[str]:
        return ["nsenter", "-t", str(holder), "-U", "-n", "-u", "-m", "-i", "-p", "-w", "--"]

    def admin_pages(self) -> Mapping[str, str]:
        """The web admins' addresses; they answer inside the lab only."""
        return {host: f"{page} (inside the lab)" for host, page in super().admin_pages().items()}
