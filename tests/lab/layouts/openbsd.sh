# shellcheck shell=sh
# shellcheck disable=SC2016,SC2034 # a shell of the host expands it; bsd.sh has the rest
# ejabberd as OpenBSD's package has it.

system=OpenBSD
user=_ejabberd
spool=/var/db/ejabberd/ejabberd
etc=/etc/ejabberd

# The service user and the operator: their names, homes and shells; doas, and no sudo.
sed -i -e 's|^ejabberd:x:\([0-9]*\):\([0-9]*\):.*|_ejabberd:x:\1:\2:ejabberd account:/var/db/ejabberd:/bin/mksh|' \
    -e 's|:/bin/bash$|:/bin/mksh|' /etc/passwd
sed -i 's|^ejabberd:|_ejabberd:|' /etc/group /etc/shadow
rm /usr/bin/sudo /etc/sudoers

# The home holds the cookie, the directory below it the database.
mkdir -p /var/db
install -d -o _ejabberd -g _ejabberd -m 750 /var/db/ejabberd "$spool" /var/log/ejabberd
mv /run/layout/home/.erlang.cookie /var/db/ejabberd
cp -a /run/layout/home/. "$spool"
chown _ejabberd:_ejabberd "$spool"

# OpenBSD's su takes -c before the user's name for a login class.
su='su -s /bin/sh "$INSTALLUSER" -c'
