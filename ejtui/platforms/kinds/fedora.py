"""Fedora and what is made of it: ejabberdctl is in /usr/bin, behind polkit."""

from __future__ import annotations

from ejtui.platforms.kind import SYSTEMD, Kind

KIND = Kind(
    name="fedora",
    releases=("fedora", "rhel", "centos", "rocky", "almalinux"),
    service_user="ejabberd",
    home="/var/lib/ejabberd",
    spool_dir="/var/lib/ejabberd",
    log_dir="/var/log/ejabberd",
    config_dir="/etc/ejabberd",
    ejabberdctl="/usr/bin/ejabberdctl",
    ejabberdctl_cfg="/etc/ejabberd/ejabberdctl.cfg",
    erl="/usr/bin/erl",
    epmd="/usr/bin/epmd",
    services=(SYSTEMD,),
    places=("/usr/sbin/ejabberdctl",),
)
