# shellcheck shell=sh
# shellcheck disable=SC2016,SC2154 # sed finds them as they stand; what the layout set, which comes first
# What the BSDs' packages have in common, on a host with a BSD's tools. Comes after a layout's own.

rm -rf /run/layout/home /var/lib/ejabberd
printf '%s\n' 'ERL_OPTIONS="-env ERL_CRASH_DUMP_BYTES 0 +sbwt none +sbwtdcpu none +sbwtdio none"' \
    "${options:-}" >/run/layout/cfg
rm -f "$etc/ejabberdctl.cfg" /etc/default/ejabberd
mv /run/layout/cfg "$etc/ejabberdctl.cfg"

# Programs below /usr/local; ejabberdctl with the package's own su.
mkdir -p /usr/local/sbin /usr/local/bin /usr/local/lib/ejabberd
sed -e '1s|.*|#!/bin/sh|' \
    -e 's|^ERLANG_NODE=.*|ERLANG_NODE=ejabberd@`hostname -s`|' \
    -e "s|^INSTALLUSER=.*|INSTALLUSER=$user|" \
    -e 's|^ERL="/usr/bin|ERL="/usr/local/bin|' -e 's|^EPMD="/usr/bin|EPMD="/usr/local/bin|' \
    -e "s|^: \"\${CONFIG_DIR:=.*|: \"\${CONFIG_DIR:=\"$etc\"}\"|" \
    -e "s|^: \"\${SPOOL_DIR:=.*|: \"\${SPOOL_DIR:=\"$spool\"}\"|" \
    -e "s|^ERL_LIBS=.*|ERL_LIBS='/usr/local/lib/ejabberd'|" \
    -e "s|su -s /bin/sh -c '\(.*\)' \"\$INSTALLUSER\" -- |$su '\1' |" \
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
for name in chown ps stat uname; do
    cp "/run/layout/tools/$name" "/usr/bin/$name"
done
echo "$system" >/run/layout/system
cp "/run/layout/tools/su-$(echo "$system" | tr '[:upper:]' '[:lower:]')" /usr/bin/su
install -m 666 /dev/null /run/layout/used
install -m 666 /dev/null /run/layout/refused

# No /proc: BSDs have none, or do not mount it. What the tools tell of processes, they have from
# elsewhere.
mkdir /run/layout/proc
mount --move /proc /run/layout/proc
mount -t tmpfs -o mode=555 tmpfs /proc
