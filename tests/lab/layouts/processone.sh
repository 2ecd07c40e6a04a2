# shellcheck shell=sh
# shellcheck disable=SC2016 # sed finds them as they stand
# ejabberd as ProcessOne's installer has it: a release with its own Erlang, below /opt.

here=/opt/ejabberd-23.01
data=/opt/ejabberd
erlang=/usr/lib/erlang
version=$(basename "$(echo $erlang/erts-*)")

sed -i 's|^\(ejabberd:x:[0-9]*:[0-9]*\):.*|\1::/opt/ejabberd:/bin/sh|' /etc/passwd

# The data: configuration, logs, the database below the node's name, the cookie beside them.
node=ejabberd@$(hostname -s)
install -d -o ejabberd -g ejabberd "$data" "$data/database" "$data/database/$node" "$data/logs"
mv /run/layout/home/.erlang.cookie "$data"
cp -a /run/layout/home/. "$data/database/$node"
rm /etc/ejabberd/ejabberdctl.cfg
cp -a /etc/ejabberd "$data/conf"
grep -v -e EJABBERD_CONFIG_PATH -e CONTRIB_MODULES /etc/default/ejabberd >"$data/conf/ejabberdctl.cfg"
rm -rf /run/layout/home /var/lib/ejabberd /etc/ejabberd /etc/default/ejabberd /var/log/ejabberd

# The release: every library below lib, boot files below releases, and none in bin, where an erl by
# itself looks for one.
mkdir -p "$here/bin" "$here/lib" "$here/releases/23.1.0" "$here/$version"
cp -a "$erlang/$version/bin" "$here/$version"
cp -a "$erlang/bin/run_erl" "$erlang/bin/to_erl" "$here/$version/bin"
cat >"$here/$version/bin/erl" <<'END'
#!/bin/sh
BINDIR=$(cd "$(dirname "$0")" && pwd -P)
ROOTDIR=${BINDIR%/*/*} EMU=beam PROGNAME=erl
export BINDIR ROOTDIR EMU PROGNAME
exec "$BINDIR/erlexec" "$@"
END
chmod 755 "$here/$version/bin/erl"
ln -s $erlang/lib/* /usr/lib/*/ejabberd-23* "$here/lib"
cp "$erlang/bin/start_clean.boot" "$here/releases/23.1.0"

# ejabberdctl as the release and the installer change the template that Debian's is made from.
sed -e '1s|.*|#!/bin/sh|' -e "2iexport TERM='internal'" \
    -e "s|^ERL=.*|ERTS_VSN=\"$version\"\nERL=\"\${SCRIPT_DIR%/*}/erts-\${ERTS_VSN#erts-}/bin/erl\"|" \
    -e 's|^EPMD=.*|EPMD="${SCRIPT_DIR%/*}/erts-${ERTS_VSN#erts-}/bin/epmd"|' \
    -e 's|^INSTALLUSER=.*|INSTALLUSER="ejabberd"|' \
    -e 's|^: "${CONFIG_DIR:=.*|: "${CONFIG_DIR:="/opt/ejabberd/conf"}"|' \
    -e 's|^: "${LOGS_DIR:=.*|: "${LOGS_DIR:="/opt/ejabberd/logs"}"|' \
    -e 's|^: "${SPOOL_DIR:=.*|: "${SPOOL_DIR:="/opt/ejabberd/database/$ERLANG_NODE"}"|' \
    -e 's|^ERLANG_OPTS="|&-boot ../releases/23.1.0/start_clean -boot_var RELEASE_LIB ../lib |' \
    -e "s|^ERL_LIBS=.*|ERL_LIBS='\${SCRIPT_DIR%/*}/lib'|" \
    /usr/sbin/ejabberdctl >"$here/bin/ejabberdctl"
grep -q 'boot_var' "$here/bin/ejabberdctl"
chmod 755 "$here/bin/ejabberdctl"

# Nothing of it is in PATH, and the machine's own Erlang is no way out.
rm /usr/sbin/ejabberdctl
for name in erl epmd erlc escript run_erl to_erl erl_call; do
    rm -f "/usr/bin/$name"
done
rm -rf "${erlang:?}"/bin "$erlang"/erts-* "$erlang"/releases
