"""OpenBSD's package, which the documented procedure is written for."""

from __future__ import annotations

from ejtui.platforms.kind import Kind, Service

KIND = Kind(
    name="openbsd",
    system="OpenBSD",
    is_bsd=True,
    service_user="_ejabberd",
    home="/var/db/ejabberd",
    spool_dir="/var/db/ejabberd/ejabberd",
    log_dir="/var/log/ejabberd",
    config_dir="/etc/ejabberd",
    ejabberdctl="/usr/local/sbin/ejabberdctl",
    ejabberdctl_cfg="/etc/ejabberd/ejabberdctl.cfg",
    erl="/usr/local/bin/erl",
    epmd="/usr/local/bin/epmd",
    services=(
        Service(
            name="rcctl",
            there="[ -x /etc/rc.d/ejabberd ] && command -v rcctl >/dev/null",
            # -f: also where the service is not enabled at boot.
            start=("rcctl", "-f", "start", "ejabberd"),
            stop=("rcctl", "-f", "stop", "ejabberd"),
        ),
    ),
)
