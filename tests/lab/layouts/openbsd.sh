# ejabberd as OpenBSD's package has it, on a host with OpenBSD's tools.

# The service user and the operator: their names, homes and shells; doas, and no sudo.
sed -i -e 's|^ejabberd:x:\([0-9]*\):\([0-9]*\):.*|_ejabberd:x:\1:\2:ejabberd account:/var/db/ejabberd:/bin/mksh|' \
    -e 's|:/bin/bash$|:/bin/mksh|' /etc/passwd
sed -i 's|^ejabberd:|_ejabberd:|' /etc/group /etc/shadow
rm /usr/bin/sudo /etc/sudoers

# The home holds the cookie, the directory below it the database.
mkdir -p /var/db
install -d -o _ejabberd -g _ejabberd -m 750 /var/db/ejabberd /var/db/ejabberd/ejabberd \
    /var/log/ejabberd
mv /run/layout/home/.erlang.cookie /var/db/ejabberd
cp -a /run/layout/home/. /var/db/ejabberd/ejabberd
chown _ejabberd:_ejabberd /var/db/ejabberd/ejabberd
rm -rf /run/layout/home /var/lib/ejabberd
printf '%s\n' 'ERL_OPTIONS="-env ERL_CRASH_DUMP_BYTES 0 +sbwt none +sbwtdcpu none +sbwtdio none"' \
    >/run/layout/cfg
rm /etc/ejabberd/ejabberdctl.cfg /etc/default/ejabberd
mv /run/layout/cfg /etc/ejabberd/ejabberdctl.cfg

# Programs below /usr/local; ejabberdctl with the package's own su, for OpenBSD's takes -c before
# the user's name for a login class.
mkdir -p /usr/local/sbin /usr/local/bin /usr/local/lib/ejabberd
sed -e '1s|.*|#!/bin/sh|' \
    -e 's|^ERLANG_NODE=.*|ERLANG_NODE=ejabberd@`hostname -s`|' \
    -e 's|^INSTALLUSER=.*|INSTALLUSER=_ejabberd|' \
    -e 's|^ERL="/usr/bin|ERL="/usr/local/bin|' -e 's|^EPMD="/usr/bin|EPMD="/usr/local/bin|' \
    -e 's|^: "${SPOOL_DIR:=.*|: "${SPOOL_DIR:="/var/db/ejabberd/ejabberd"}"|' \
    -e "s|^ERL_LIBS=.*|ERL_LIBS='/usr/local/lib/ejabberd'|" \
    -e "s|su -s /bin/sh -c '\(.*\)' \"\$INSTALLUSER\" -- |su -s /bin/sh \"\$INSTALLUSER\" -c '\1' |" \
    /usr/sbin/ejabberdctl >/usr/local/sbin/ejabberdctl
grep -q 'INSTALLUSER" -c ' /usr/local/sbin/ejabberdctl
chmod 755 /usr/local/sbin/ejabberdctl
ln -s /usr/lib/*/ejabberd-* /usr/local/lib/ejabberd
for name in erl epmd run_erl to_erl; do
    ln -s "/usr/lib/erlang/bin/$name" "/usr/local/bin/$name"
    rm -f "/usr/bin/$name"
done
rm /usr/sbin/ejabberdctl

# A shell that is not bash, and BSD's tools in the place of GNU's and Linux's.
mv /usr/bin/su /usr/bin/uname /usr/bin/chown /run/layout
for name in bash rbash runuser stat ps pgrep pidof ss nft sha256sum sha1sum md5sum systemctl; do
    rm -f "/usr/bin/$name" "/usr/sbin/$name"
done
ln -sf mksh /usr/bin/sh
for name in chown ps stat su uname; do
    cp "/run/layout/tools/$name" "/usr/bin/$name"
done
install -m 666 /dev/null /run/layout/used
install -m 666 /dev/null /run/layout/refused

# No /proc: OpenBSD has none. What the tools tell of processes, they have from elsewhere.
mkdir /run/layout/proc
mount --move /proc /run/layout/proc
mount -t tmpfs -o mode=555 tmpfs /proc
