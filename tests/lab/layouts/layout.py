"""Other layouts of ejabberd, laid out inside the lab's hosts from this computer's own packages.

A layout is shell scripts that root runs in each host, after its ejabberd has stopped: they move
what the package has put where Debian wants it. The directories they write to get a separate layer
in the host first, so that nothing of this computer changes and nothing is left when the hosts end.
"""

from __future__ import annotations

import io
import tarfile
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import tomli_w

from ejtui.lab.faults.node import LabNode
from ejtui.lab.forms.namespaces import Namespaces
from ejtui.lab.lab import Lab
from ejtui.lab.place import HOSTS, Place

_HERE = Path(__file__).parent

# $1…: the directories that get a layer. On standard input: a tar of tools, for /run/layout/tools.
_LAYERS = r"""
mkdir -p /run/layout/tools /run/layout/home
tar -x -C /run/layout/tools
cp -a /var/lib/ejabberd/. /run/layout/home
for directory; do
    mkdir -p "/run/layout$directory/upper" "/run/layout$directory/work"
    mount -t overlay overlay -o "lowerdir=$directory,upperdir=/run/layout$directory/upper,\
workdir=/run/layout$directory/work" "$directory"
done
"""


@dataclass(frozen=True)
class Layout:
    """Where one way of installing ejabberd has put everything, and the scripts that do it.

    `becomes` is how the operator becomes another user there. `starts` is whether its scripts start
    ejabberd.
    """

    scripts: tuple[str, ...]
    service: str
    home: str
    ejabberdctl: str
    becomes: str
    starts: bool = False


OPENBSD = Layout(
    scripts=("openbsd.sh", "bsd.sh"),
    service="_ejabberd",
    home="/var/db/ejabberd",
    ejabberdctl="/usr/local/sbin/ejabberdctl",
    becomes="doas",
)
"""The document's own: OpenBSD's package."""

OPENBSD_REDONE = replace(OPENBSD, scripts=("openbsd.sh", "redone.sh", "bsd.sh"))
"""OpenBSD's package since 24.10: no epmd at all."""

FREEBSD = Layout(
    scripts=("freebsd.sh", "bsd.sh"),
    service="ejabberd",
    home="/var/spool/ejabberd",
    ejabberdctl="/usr/local/sbin/ejabberdctl",
    becomes="sudo",
)
"""FreeBSD's port."""

PROCESSONE = Layout(
    scripts=("processone.sh",),
    service="ejabberd",
    home="/opt/ejabberd",
    ejabberdctl="/opt/ejabberd-23.01/bin/ejabberdctl",
    becomes="sudo",
)
"""ProcessOne's installer: a release with its own Erlang."""

ALPINE = Layout(
    scripts=("alpine.sh", "openrc.sh"),
    service="ejabberd",
    home="/var/lib/ejabberd",
    ejabberdctl="/usr/sbin/ejabberdctl",
    becomes="sudo",
    starts=True,
)
"""Alpine: OpenRC and busybox; on hosts that have both."""

GENTOO = replace(ALPINE, scripts=("gentoo.sh", "openrc.sh"))
"""Gentoo, with GNU's tools."""


class LaidOut(Namespaces):
    """The full form of the lab, in another layout."""

    def __init__(self, place: Place, layout: Layout) -> None:
        super().__init__(place)
        self._layout = layout

    def enter(self, host: str, argv: Sequence[str], *, service: bool = False) -> list[str]:
        """What runs `argv` inside a host, as root or as the layout's service user."""
        user = self._layout.service
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]
        there = [*become, "env", f"HOME={self._layout.home}"] if service else []
        return super().enter(host, [*there, *argv])

    def ejabberdctl(self, host: str) -> str:  # noqa: ARG002
        return self._layout.ejabberdctl

    def home(self, host: str) -> str:  # noqa: ARG002
        return self._layout.home


def lay_out(lab: Lab, layout: Layout) -> Lab:
    """Bring both hosts of a fresh lab into a layout, ejabberd running; returns the lab as it is.

    The configuration names the way to become another user, and leaves all else to be asked.
    """
    laid = Lab(lab.place, LaidOut(lab.place, layout))
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda host: _lay_out(lab, laid, layout, host), HOSTS))
    for host in HOSTS:
        configure(lab, host, become=layout.becomes)
    return laid


def _lay_out(lab: Lab, laid: Lab, layout: Layout, host: str) -> None:
    LabNode(lab, host).stop()
    layers = ["sh", "-euc", _LAYERS, "sh", "/usr", "/var", "/opt"]
    lab.run(host, layers, stdin=_tools())
    script = b"".join((_HERE / name).read_bytes() for name in layout.scripts)
    lab.run(host, ["sh", "-eu"], stdin=script)
    node = LabNode(laid, host)
    if not layout.starts:
        node.ctl("start")
    node.ctl("started")


def configure(lab: Lab, host: str, **values: str) -> None:
    """Set values of a host in the lab's configuration."""
    table = tomllib.loads(lab.config_path.read_text())
    table["nodes"][host] |= values
    lab.place.write(lab.config_path, tomli_w.dumps(table))


def _tools() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for tool in sorted((_HERE / "tools").iterdir()):
            info = tar.gettarinfo(tool, tool.name)
            info.uid = info.gid = 0
            info.mode = 0o755
            with tool.open("rb") as file:
                tar.addfile(info, file)
    return buffer.getvalue()
