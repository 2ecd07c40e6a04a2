# shellcheck shell=sh
# shellcheck disable=SC2034 # bsd.sh has the rest
# OpenBSD's package since it was redone: the database is in the home, rc.d starts ejabberd, and a fixed
# port takes epmd's place. Comes after openbsd.sh.

find "$spool" -mindepth 1 -maxdepth 1 -exec mv {} /var/db/ejabberd \;
rmdir "$spool"
spool=/var/db/ejabberd
options='ERL_DIST_PORT=5210'
mkdir -p /etc/rc.d
cp /run/layout/tools/rc.d-openbsd /etc/rc.d/ejabberd
cp /run/layout/tools/rcctl /usr/sbin/rcctl
epmd -kill >/dev/null 2>&1 || true
