"""What each platform's packages do, for what a host does not report."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


def _row(**values: str) -> Mapping[str, str]:
    return MappingProxyType(values)


TABLE: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "openbsd": _row(
            service_user="_ejabberd",
            home="/var/db/ejabberd",
            spool_dir="/var/db/ejabberd/ejabberd",
            log_dir="/var/log/ejabberd",
            config_dir="/etc/ejabberd",
            ejabberdctl="/usr/local/sbin/ejabberdctl",
            ejabberdctl_cfg="/etc/ejabberd/ejabberdctl.cfg",
            erl="/usr/local/bin/erl",
            epmd="/usr/local/bin/epmd",
        ),
        "freebsd": _row(
            service_user="ejabberd",
            home="/var/spool/ejabberd",
            spool_dir="/var/spool/ejabberd",
            log_dir="/var/log/ejabberd",
            config_dir="/usr/local/etc/ejabberd",
            ejabberdctl="/usr/local/sbin/ejabberdctl",
            ejabberdctl_cfg="/usr/local/etc/ejabberd/ejabberdctl.cfg",
            erl="/usr/local/bin/erl",
            epmd="/usr/local/bin/epmd",
        ),
        "debian": _row(
            service_user="ejabberd",
            home="/var/lib/ejabberd",
            spool_dir="/var/lib/ejabberd",
            log_dir="/var/log/ejabberd",
            config_dir="/etc/ejabberd",
            ejabberdctl="/usr/sbin/ejabberdctl",
            ejabberdctl_cfg="/etc/default/ejabberd",
            erl="/usr/bin/erl",
            epmd="/usr/bin/epmd",
        ),
        "processone": _row(
            service_user="ejabberd",
            home="/opt/ejabberd",
            spool_dir="/opt/ejabberd/database/{node}",
            log_dir="/opt/ejabberd/logs",
            config_dir="/opt/ejabberd/conf",
            ejabberdctl="/opt/ejabberd/bin/ejabberdctl",
            ejabberdctl_cfg="/opt/ejabberd/conf/ejabberdctl.cfg",
            erl="erl",
            epmd="epmd",
        ),
    }
)

# Where to look for ejabberdctl when PATH does not have it; the last one found is the newest.
PLACES = (
    "/usr/sbin/ejabberdctl",
    "/usr/local/sbin/ejabberdctl",
    "/opt/ejabberd/bin/ejabberdctl",
    "/opt/ejabberd-*/bin/ejabberdctl",
)

# How the system starts and stops ejabberd, where its service works.
SERVICES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = MappingProxyType(
    {
        "systemctl": (
            ("systemctl", "start", "ejabberd"),
            ("systemctl", "stop", "ejabberd"),
        ),
        # -f and one…: also where the service is not enabled at boot.
        "rcctl": (("rcctl", "-f", "start", "ejabberd"), ("rcctl", "-f", "stop", "ejabberd")),
        "service": (
            ("service", "ejabberd", "onestart"),
            ("service", "ejabberd", "onestop"),
        ),
    }
)
