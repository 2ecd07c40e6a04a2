"""ProcessOne's installer and packages: a release that brings its Erlang, below /opt."""

from __future__ import annotations

from ejtui.platforms.kind import SYSTEMD, Kind

KIND = Kind(
    name="processone",
    below="/opt/ejabberd",
    service_user="ejabberd",
    home="/opt/ejabberd",
    spool_dir="/opt/ejabberd/database/{node}",
    log_dir="/opt/ejabberd/logs",
    config_dir="/opt/ejabberd/conf",
    ejabberdctl="/opt/ejabberd/bin/ejabberdctl",
    ejabberdctl_cfg="/opt/ejabberd/conf/ejabberdctl.cfg",
    erl="erl",
    epmd="epmd",
    # The last one found is the newest.
    places=("/opt/ejabberd-*/bin/ejabberdctl",),
    services=(SYSTEMD,),
)
