# shellcheck shell=sh
# ejabberd as Alpine's package has it: OpenRC starts it, and busybox stands for GNU's tools.

sed -i 's/^ID=.*/ID=alpine/' /etc/os-release
install -d -o ejabberd -g ejabberd -m 750 /var/lib/ejabberd /var/log/ejabberd
cp -a /run/layout/home/. /var/lib/ejabberd
rm -rf /run/layout/home /etc/ejabberd/ejabberdctl.cfg
mv /etc/default/ejabberd /etc/ejabberd/ejabberdctl.cfg

cat >/etc/init.d/epmd <<'END'
#!/sbin/openrc-run
start() { ebegin "Starting epmd"; epmd -daemon; eend $?; }
stop() { ebegin "Stopping epmd"; epmd -kill >/dev/null; eend $?; }
END
cat >/etc/init.d/ejabberd <<'END'
#!/sbin/openrc-run
depend() { need epmd; }
start() { ebegin "Starting ejabberd"; ejabberdctl start && ejabberdctl started; eend $?; }
stop() { ebegin "Stopping ejabberd"; ejabberdctl stop && ejabberdctl stopped; eend $?; }
END
chmod 755 /etc/init.d/epmd /etc/init.d/ejabberd
for state in exclusive starting started stopping inactive wasinactive failed daemons options \
    hotplugged scheduled tmp; do
    mkdir -p "/run/openrc/$state"
done
touch /run/openrc/softlevel

# Its tools and its shell.
sed -i 's|:/bin/bash$|:/bin/ash|' /etc/passwd
for name in ash sh awk sed grep head tail cut sort uniq tr ls cp mv mkdir chmod chown stat id ps \
    pidof kill hostname uname find xargs readlink basename dirname printf date df du wc tee touch \
    mktemp sha256sum od rm ln cat test env; do
    ln -sf /bin/busybox "/usr/bin/$name"
done
rm -f /usr/bin/bash /usr/bin/getconf
epmd -kill >/dev/null 2>&1 || true
rc-service ejabberd start
