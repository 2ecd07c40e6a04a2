# shellcheck shell=sh
# What ProcessOne's packages do about systemd: their own unit, below /etc, and no unit for epmd.
# Comes before the layout itself, which finds the database in /run/layout/home.
systemctl disable --now ejabberd.service
systemctl stop epmd.service epmd.socket
for unit in ejabberd.service epmd.service epmd.socket; do
    rm "$(systemctl show -P FragmentPath "$unit")"
done
mkdir -p /run/layout/home
cp -a /var/lib/ejabberd/. /run/layout/home
umount /var/lib/ejabberd
cat >/etc/systemd/system/ejabberd.service <<'END'
[Unit]
Description=XMPP Server
After=network.target

[Service]
Type=notify
User=ejabberd
Group=ejabberd
LimitNOFILE=65536
Restart=on-failure
RestartSec=5
WatchdogSec=30
ExecStart=/opt/ejabberd-23.01/bin/ejabberdctl foreground
ExecStop=/bin/sh -c '/opt/ejabberd-23.01/bin/ejabberdctl stop && /opt/ejabberd-23.01/bin/ejabberdctl stopped'
ExecReload=/opt/ejabberd-23.01/bin/ejabberdctl reload_config
NotifyAccess=all
PrivateDevices=true
AmbientCapabilities=CAP_NET_BIND_SERVICE
TimeoutSec=300

[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload
