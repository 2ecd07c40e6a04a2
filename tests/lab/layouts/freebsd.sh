# shellcheck shell=sh
# shellcheck disable=SC2016,SC2034 # a shell of the host expands it; bsd.sh has the rest
# ejabberd as FreeBSD's port has it.

system=FreeBSD
user=ejabberd
spool=/var/spool/ejabberd
etc=/usr/local/etc/ejabberd

# The service user's home is its spool directory; whoever logs in has csh.
sed -i -e 's|^\(ejabberd:x:[0-9]*:[0-9]*\):.*|\1:ejabberd user:/var/spool/ejabberd:/bin/sh|' \
    -e 's|:/bin/bash$|:/bin/csh|' /etc/passwd
install -d -o ejabberd -g ejabberd -m 750 "$spool" /var/log/ejabberd
cp -a /run/layout/home/. "$spool"
mkdir -p /usr/local/etc/rc.d
cp -a /etc/ejabberd "$etc"
rm -r /etc/ejabberd
mkdir /etc/ejabberd

# The service has the node's name from rc.conf; FreeBSD's su takes no shell but the user's own.
printf '%s\n' 'ejabberd_enable="YES"' "ejabberd_node=\"ejabberd@$(hostname -s)\"" >/etc/rc.conf
cp /run/layout/tools/rc.d-ejabberd /usr/local/etc/rc.d/ejabberd
cp /run/layout/tools/service /usr/sbin/service
su='su "$INSTALLUSER" -c'
