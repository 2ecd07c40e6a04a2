"""Alpine: OpenRC, and busybox in the place of GNU's tools."""

from __future__ import annotations

from ejtui.platforms.kind import OPENRC, Kind

KIND = Kind(
    name="alpine",
    releases=("alpine",),
    service_user="ejabberd",
    home="/var/lib/ejabberd",
    spool_dir="/var/lib/ejabberd",
    log_dir="/var/log/ejabberd",
    config_dir="/etc/ejabberd",
    ejabberdctl="/usr/sbin/ejabberdctl",
    ejabberdctl_cfg="/etc/ejabberd/ejabberdctl.cfg",
    erl="/usr/bin/erl",
    epmd="/usr/bin/epmd",
    services=(OPENRC,),
)
