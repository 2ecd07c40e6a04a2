"""NixOS: its configuration makes every file but the database and the cookie."""

from __future__ import annotations

from ejtui.platforms.kind import SYSTEMD, Kind

KIND = Kind(
    name="nixos",
    releases=("nixos",),
    service_user="ejabberd",
    home="/var/lib/ejabberd",
    spool_dir="/var/lib/ejabberd",
    log_dir="/var/log/ejabberd",
    config_dir="/etc/ejabberd",
    ejabberdctl="/run/current-system/sw/bin/ejabberdctl",
    ejabberdctl_cfg="/etc/ejabberd/ejabberdctl.cfg",
    erl="/run/current-system/sw/bin/erl",
    epmd="/run/current-system/sw/bin/epmd",
    services=(SYSTEMD,),
    declares={
        "ejabberdctl.cfg": "services.ejabberd.ctlConfig",
        "hosts": "networking.extraHosts",
        "epmd.socket": "services.epmd.listenStream",
        "ejabberd.yml": "services.ejabberd.configFile",
    },
)
