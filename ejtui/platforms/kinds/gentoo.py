"""Gentoo: OpenRC or systemd. Until 21.04 the database lay in /var/spool/jabber."""

from __future__ import annotations

from ejtui.platforms.kind import OPENRC, SYSTEMD, Kind

KIND = Kind(
    name="gentoo",
    releases=("gentoo",),
    service_user="ejabberd",
    home="/var/lib/ejabberd",
    spool_dir="/var/lib/ejabberd",
    log_dir="/var/log/ejabberd",
    config_dir="/etc/ejabberd",
    ejabberdctl="/usr/sbin/ejabberdctl",
    ejabberdctl_cfg="/etc/ejabberd/ejabberdctl.cfg",
    erl="/usr/bin/erl",
    epmd="/usr/bin/epmd",
    services=(OPENRC, SYSTEMD),
)
