# shellcheck shell=sh
# shellcheck disable=SC2016 # sed finds them as they stand
# ejabberd as NixOS has it: packages and settings in a store that nobody writes, and a unit whose script
# gives ejabberdctl its places. $1 is the node's name.
systemctl stop ejabberd
store=/nix/store
mkdir -p "$store/0a-ejabberd/bin" "$store/0d-unit/bin" /run/current-system/sw/bin
cp -a /etc/ejabberd/ejabberd.yml "$store/0b-ejabberd.yml"
chmod 644 "$store/0b-ejabberd.yml"
printf 'ERL_EPMD_ADDRESS=127.0.0.1\nERLANG_NODE=%s\n' "$1" >"$store/0c-ejabberdctl.cfg"
printf 'ERL_OPTIONS="-env ERL_CRASH_DUMP_BYTES 0 +sbwt none"\n' >>"$store/0c-ejabberdctl.cfg"
# Its own defaults are other places than the service's.
sed -e 's|^: "${CONFIG_DIR:=.*|: "${CONFIG_DIR:="/nix/store/0a-ejabberd/etc"}"|' \
    -e 's|^: "${SPOOL_DIR:=.*|: "${SPOOL_DIR:="/nix/store/0a-ejabberd/var"}"|' \
    -e 's|^: "${LOGS_DIR:=.*|: "${LOGS_DIR:="/nix/store/0a-ejabberd/log"}"|' \
    /usr/sbin/ejabberdctl >"$store/0a-ejabberd/bin/ejabberdctl"
rm /usr/sbin/ejabberdctl
given="--config $store/0b-ejabberd.yml --ctl-config $store/0c-ejabberdctl.cfg"
given="$given --spool /var/lib/ejabberd --logs /var/log/ejabberd"
printf '#!/bin/sh\nexec %s/0a-ejabberd/bin/ejabberdctl %s foreground\n' "$store" "$given" \
    >"$store/0d-unit/bin/ejabberd-start"
printf '#!/bin/sh\nexec %s/0a-ejabberd/bin/ejabberdctl %s "$@"\n' "$store" "$given" >/usr/local/bin/ctl
chmod 755 "$store/0a-ejabberd/bin/ejabberdctl" "$store/0d-unit/bin/ejabberd-start" /usr/local/bin/ctl
ln -s "$store/0a-ejabberd/bin/ejabberdctl" /run/current-system/sw/bin/ejabberdctl
rm -rf /etc/ejabberd /etc/default/ejabberd
sed -i 's/^ID=.*/ID=nixos/' /etc/os-release
fragment=$(systemctl show -P FragmentPath ejabberd)
sed -e "s|^ExecStart=.*|ExecStart=$store/0d-unit/bin/ejabberd-start|" \
    -e "s|^ExecStop=.*|ExecStop=/bin/sh -c 'ctl stop \&\& ctl stopped'|" \
    -e '/^ExecReload/d' -e '/^EnvironmentFile/d' "$fragment" >/etc/systemd/system/ejabberd.service
systemctl daemon-reload
mount --bind "$store" "$store"
mount -o remount,bind,ro "$store"
systemctl start ejabberd
