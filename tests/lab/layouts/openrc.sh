# shellcheck shell=sh
# shellcheck disable=SC2154 # the layout sets it, which comes first
# ejabberd where OpenRC starts it. On Alpine busybox stands for GNU's tools.

sed -i "s/^ID=.*/ID=$id/" /etc/os-release
install -d -o ejabberd -g ejabberd -m 750 /var/lib/ejabberd /var/log/ejabberd
cp -a /run/layout/home/. /var/lib/ejabberd
rm -rf /run/layout/home /etc/ejabberd/ejabberdctl.cfg
mv /etc/default/ejabberd /etc/ejabberd/ejabberdctl.cfg

cat >/etc/init.d/epmd <<'END'
#!/sbin/openrc-run
start() { ebegin "Starting epmd"; /usr/bin/epmd -daemon; eend $?; }
stop() { ebegin "Stopping epmd"; /usr/bin/epmd -kill >/dev/null; eend $?; }
END
cat >/etc/init.d/ejabberd <<'END'
#!/sbin/openrc-run
ctl=/usr/sbin/ejabberdctl
depend() { need epmd; }
start() { ebegin "Starting ejabberd"; $ctl start && $ctl started; eend $?; }
stop() { ebegin "Stopping ejabberd"; $ctl stop && $ctl stopped; eend $?; }
END
chmod 755 /etc/init.d/epmd /etc/init.d/ejabberd
for state in exclusive starting started stopping inactive wasinactive failed daemons options \
    hotplugged scheduled tmp; do
    mkdir -p "/run/openrc/$state"
done
touch /run/openrc/softlevel

if [ "$id" = alpine ]; then
    # Its tools and its shell, which ejabberdctl runs in, too.
    sed -i "1s|.*|#!/bin/sh|" /usr/sbin/ejabberdctl
    sed -i 's|:/bin/bash$|:/bin/ash|' /etc/passwd
    for name in ash sh awk sed grep head tail cut sort uniq tr ls cp mv mkdir chmod chown stat id ps \
        pidof kill hostname uname find xargs readlink basename dirname printf date df du wc tee touch \
        mktemp sha256sum od rm ln cat dd test env; do
        ln -sf /bin/busybox "/usr/bin/$name"
    done
    rm -f /usr/bin/bash /usr/bin/getconf
fi
epmd -kill >/dev/null 2>&1 || true
rc-service ejabberd start
