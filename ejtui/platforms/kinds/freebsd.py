"""FreeBSD's port."""

from __future__ import annotations

from ejtui.platforms.kind import Kind, Service

KIND = Kind(
    name="freebsd",
    system="FreeBSD",
    is_bsd=True,
    service_user="ejabberd",
    home="/var/spool/ejabberd",
    spool_dir="/var/spool/ejabberd",
    log_dir="/var/log/ejabberd",
    config_dir="/usr/local/etc/ejabberd",
    ejabberdctl="/usr/local/sbin/ejabberdctl",
    ejabberdctl_cfg="/usr/local/etc/ejabberd/ejabberdctl.cfg",
    erl="/usr/local/bin/erl",
    epmd="/usr/local/bin/epmd",
    services=(
        Service(
            name="service",
            there="[ -x /usr/local/etc/rc.d/ejabberd ]",
            # one…: also where the service is not enabled at boot.
            start=("service", "ejabberd", "onestart"),
            stop=("service", "ejabberd", "onestop"),
        ),
    ),
)
