"""Debian and what is made of it."""

from __future__ import annotations

from ejtui.platforms.kind import SYSTEMD, Kind

KIND = Kind(
    name="debian",
    releases=("debian", "ubuntu"),
    service_user="ejabberd",
    home="/var/lib/ejabberd",
    spool_dir="/var/lib/ejabberd",
    log_dir="/var/log/ejabberd",
    config_dir="/etc/ejabberd",
    ejabberdctl="/usr/sbin/ejabberdctl",
    ejabberdctl_cfg="/etc/default/ejabberd",
    erl="/usr/bin/erl",
    epmd="/usr/bin/epmd",
    services=(SYSTEMD,),
)
