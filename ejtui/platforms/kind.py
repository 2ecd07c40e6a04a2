"""What one platform is: how a host is recognised as one, and what its packages do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Service:
    """How a service manager starts and stops ejabberd.

    `there` is a condition of /bin/sh: whether this manager has an ejabberd on that host.
    """

    name: str
    there: str
    start: tuple[str, ...]
    stop: tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """One platform; each is a module of `kinds` with a `KIND`, which is all that it needs.

    A host is of a kind by `system` (what `uname -s` prints), else where its ejabberdctl lies below
    `below`, else by `releases` (the ID of its os-release); `debian` is what is left. The values are
    for what a host does not report; `{node}` in them is the node's name. `ejabberdctl` is
    looked for at `places` too, shell patterns, where PATH does not have it. `services` are asked
    for in the order given. `declares` names the option of the system's own configuration for each
    file that it makes ("ejabberdctl.cfg", "hosts", "ejabberd.yml"): nobody edits such a file.
    """

    name: str
    service_user: str
    home: str
    spool_dir: str
    log_dir: str
    config_dir: str
    ejabberdctl: str
    ejabberdctl_cfg: str
    erl: str
    epmd: str
    services: tuple[Service, ...]
    system: str = ""
    below: str = ""
    releases: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    is_bsd: bool = False
    declares: Mapping[str, str] = field(default_factory=dict)


SYSTEMD = Service(
    name="systemctl",
    there="systemd_unit",
    start=("systemctl", "start", "ejabberd"),
    stop=("systemctl", "stop", "ejabberd"),
)

OPENRC = Service(
    name="rc-service",
    there="[ -x /etc/init.d/ejabberd ] && [ -e /run/openrc/softlevel ]",
    # zap: of a service that it takes for started OpenRC starts nothing, though its VM has ended.
    start=("sh", "-c", "rc-service ejabberd zap && rc-service ejabberd start"),
    stop=("rc-service", "ejabberd", "stop"),
)
"""OpenRC, with the service's script of Gentoo's and Alpine's packages."""
