"""What one platform is: how a host is recognised as one, and what its packages do."""

from __future__ import annotations

from dataclasses import dataclass


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
    for in the order given.
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


SYSTEMD = Service(
    name="systemctl",
    there="systemd_unit ejabberd.service",
    start=("systemctl", "start", "ejabberd"),
    stop=("systemctl", "stop", "ejabberd"),
)
