# shellcheck shell=sh
# ejabberd as Fedora has it: ejabberdctl in /usr/bin, its settings beside ejabberd.yml.
systemctl stop ejabberd
sed -i 's/^ID=.*/ID=fedora/' /etc/os-release
mv /usr/sbin/ejabberdctl /usr/bin/ejabberdctl
rm -f /etc/ejabberd/ejabberdctl.cfg
mv /etc/default/ejabberd /etc/ejabberd/ejabberdctl.cfg
sed -i '/^EJABBERD_CONFIG_PATH=/d' /etc/ejabberd/ejabberdctl.cfg
fragment=$(systemctl show -P FragmentPath ejabberd)
sed -e 's|/usr/sbin/ejabberdctl|/usr/bin/ejabberdctl|g' "$fragment" >/usr/lib/systemd/system/new
rm "$fragment"
mv /usr/lib/systemd/system/new /usr/lib/systemd/system/ejabberd.service
systemctl daemon-reload
systemctl start ejabberd
