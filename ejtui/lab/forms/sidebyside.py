"""The form without privileges: two ejabberds of the current user, side by side on this computer."""

from __future__ import annotations

import os
import pwd
import re
import shlex
import shutil
import socket
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from ejtui.lab import ejabberd, keys, people
from ejtui.lab.errors import LabError
from ejtui.lab.place import HOSTS, Place
from ejtui.lab.processes import command_line, end, environment

_MARK = "EJTUI_LAB"
_LOOPBACK = "127.0.0.1"
_MACHINE = "localhost"

# Both share one epmd, as two nodes that look each other up on one address must; it is not the
# epmd of this computer. Each home has its cookie.
_SETTINGS = """\
ERL_OPTIONS="-env ERL_CRASH_DUMP_BYTES 0 +sbwt none +sbwtdcpu none +sbwtdio none"
ERLANG_NODE={node}
INET_DIST_INTERFACE={loopback}
ERL_EPMD_ADDRESS={loopback}
EJABBERD_PID_PATH={pid}
export ERL_EPMD_PORT={epmd}
export HOME={home}
export {mark}={root}
"""


class SideBySide:
    """Two ejabberds with directories, a home, ports and a cookie each, reached as local hosts."""

    name = "two ejabberds side by side on this computer"
    needs_namespaces = False
    shortcomings = (
        "ssh: both nodes are reached as this computer",
        "becoming root or a service user: everything runs as you",
        "separate networks: no firewall, no cut link between the nodes",
        "separate host names: both are on localhost",
    )

    def __init__(self, place: Place) -> None:
        self._place = place

    # -- what there is ------------------------------------------------------------------------

    def is_up(self) -> bool:
        """Whether both have their directories; there is nothing else that makes a host here."""
        return all(Path(self.ejabberdctl(host)).exists() for host in HOSTS)

    def _is_ours(self, pid: int) -> bool:
        """Started on one of the hosts, or working in its database."""
        mark = f"{_MARK}={self._place.root}".encode()
        if mark in environment(pid):
            return True
        words = command_line(pid)
        return (
            bool(words)
            and Path(words[0]).name.startswith("beam")
            and any(self.home(host) in word for word in words for host in HOSTS)
        )

    # -- up and down --------------------------------------------------------------------------

    def boot(self) -> None:
        """Make both directories from scratch, ejabberd stopped, without a database."""
        if not re.fullmatch(r"[A-Za-z0-9/._+@=-]+", str(self._place.root)):
            # Its own script splits what it passes on at blanks, and lets the shell read the rest.
            raise LabError(
                f"ejabberdctl cannot work below {self._place.root}: "
                "set XDG_STATE_HOME to a directory of plain letters and digits"
            )
        keys.make_password(self._place)
        ports = self._ports()
        for host in HOSTS:
            self._make(host, ports)
        keys.write_config(self._place, {host: self._node_table(host, ports) for host in HOSTS})

    def end(self) -> None:
        """End both and whatever runs beside them, and remove their directories."""
        end(self._is_ours)
        for host in HOSTS:
            shutil.rmtree(self._place.directory(host), ignore_errors=True)

    def _ports(self) -> dict[str, int]:
        """Free ports, the same ones after a reset; chosen together so that they differ."""
        state = self._place.read_state()
        if "ports" not in state:
            wanted = ["epmd", *(f"{host}_{use}" for host in HOSTS for use in ("c2s", "http"))]
            with ExitStack() as stack:
                sockets = [stack.enter_context(socket.socket()) for _ in wanted]
                for each in sockets:
                    each.bind((_LOOPBACK, 0))
                found = [each.getsockname()[1] for each in sockets]
            state["ports"] = dict(zip(wanted, found, strict=True))
            self._place.write_state(state)
        ports: dict[str, int] = state["ports"]
        return ports

    def _make(self, host: str, ports: Mapping[str, int]) -> None:
        directory = self._place.directory(host)
        for name in ("bin", "config", "home", "logs", "run", "seeding"):
            (directory / name).mkdir(mode=0o700, parents=True)
        write = self._place.write
        settings = _SETTINGS.format(
            node=self.node(host),
            loopback=_LOOPBACK,
            pid=shlex.quote(str(directory / "run" / "ejabberd.pid")),
            epmd=ports["epmd"],
            home=shlex.quote(self.home(host)),
            mark=_MARK,
            root=shlex.quote(str(self._place.root)),
        )
        write(directory / "config" / "ejabberdctl.cfg", settings)
        listen = {use: ports[f"{host}_{use}"] for use in ("c2s", "http")}
        configuration = ejabberd.configuration(_LOOPBACK, listen)
        write(directory / "config" / "ejabberd.yml", configuration)
        write(directory / "config" / "inetrc", ejabberd.INETRC)
        write(directory / "home" / ".erlang.cookie", keys.cookie(), 0o400)
        write(directory / "bin" / "ejabberdctl", self._own_ejabberdctl(directory), 0o700)
        password = self._place.password_file.read_text().strip()
        write(directory / "seeding" / "accounts", people.seed_terms(host, password))
        program = (Path(__file__).parent / "seed.eval").read_text()
        write(directory / "seeding" / "seed.eval", program)

    @staticmethod
    def _own_ejabberdctl(directory: Path) -> str:
        """This computer's ejabberdctl, changed for the current user and with other directories."""
        original = shutil.which("ejabberdctl", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if original is None:
            raise LabError("ejabberdctl is not installed")
        places = {
            "CONFIG_DIR": "config",
            "LOGS_DIR": "logs",
            "SPOOL_DIR": "home",
            "EJABBERD_CONFIG_PATH": "config/ejabberd.yml",
            "EJABBERDCTL_CONFIG_PATH": "config/ejabberdctl.cfg",
            "VMARGS": "config/vm.args",
        }
        # Also what the environment may have set, for an ejabberd of this computer.
        own_places = [
            f"{name}={shlex.quote(str(directory / where))}" for name, where in places.items()
        ]
        lines = "\n".join([*own_places, "unset EJABBERD_LOG_PATH ERL_DIST_PORT"]) + "\n"
        script = Path(original).read_text()
        own, count = re.subn(
            r"^INSTALLUSER=.*\n", lambda _: f"INSTALLUSER=\n{lines}", script, flags=re.MULTILINE
        )
        if count != 1:
            raise LabError(f"{original} is not an ejabberdctl that the lab knows how to copy")
        return own

    def _node_table(self, host: str, ports: Mapping[str, int]) -> dict[str, object]:
        directory = self._place.directory(host)
        ctl = self.ejabberdctl(host)
        user = pwd.getpwuid(os.geteuid()).pw_name
        return {
            "address": "local",
            "become": "none",
            "platform": "debian",
            "node": self.node(host),
            "hostname": _MACHINE,
            "home": self.home(host),
            "spool_dir": self.home(host),
            "log_dir": str(directory / "logs"),
            "config_dir": str(directory / "config"),
            "service_user": user,
            "ejabberdctl": ctl,
            "ejabberdctl_cfg": str(directory / "config" / "ejabberdctl.cfg"),
            "start": shlex.join([ctl, "start"]),
            "stop": shlex.join([ctl, "stop"]),
            "run_start_as": user,
            "dist_options": "-kernel inet_dist_use_interface {127,0,0,1}",
            "env": {
                "ERL_EPMD_PORT": str(ports["epmd"]),
                "ERL_EPMD_ADDRESS": _LOOPBACK,
                _MARK: str(self._place.root),
            },
        }

    # -- inside -------------------------------------------------------------------------------

    def enter(self, host: str, argv: Sequence[str], *, service: bool = False) -> list[str]:  # noqa: ARG002 - one user
        """What runs `argv` with that node's environment. Raises LabError when it is not there."""
        if not Path(self.ejabberdctl(host)).exists():
            raise LabError(f"{host} is not there: bring the lab up with `ejtui lab up`")
        search = [str(self._place.directory(host) / "bin"), os.environ.get("PATH", "")]
        variables = {
            "PATH": ":".join([*search, "/usr/sbin", "/sbin"]),
            "HOME": self.home(host),
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "ERL_EPMD_PORT": str(self._ports()["epmd"]),
            "ERL_EPMD_ADDRESS": _LOOPBACK,
            _MARK: str(self._place.root),
        }
        return ["env", "-C", self.home(host), *(f"{k}={v}" for k, v in variables.items()), *argv]

    def starting(self, host: str) -> list[str]:
        """The command that starts that node's ejabberd."""
        return [self.ejabberdctl(host), "start"]

    def ejabberdctl(self, host: str) -> str:
        return str(self._place.directory(host) / "bin" / "ejabberdctl")

    def home(self, host: str) -> str:
        return str(self._place.directory(host) / "home")

    def seeding(self, host: str) -> str:
        return str(self._place.directory(host) / "seeding")

    def node(self, host: str) -> str:
        return f"{host}@{_MACHINE}"

    def reach(self) -> Mapping[str, str]:
        """How a person gets to each node."""
        return {host: f"ejtui lab sh {host} sh" for host in HOSTS}

    def admin_pages(self) -> Mapping[str, str]:
        """The web admins' addresses."""
        ports = self._ports()
        return {host: f"http://{_LOOPBACK}:{ports[f'{host}_http']}/admin/" for host in HOSTS}
