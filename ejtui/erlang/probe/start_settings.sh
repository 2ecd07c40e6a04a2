# shellcheck shell=sh
# shellcheck disable=SC1090 # the host's own file
# What ejabberdctl's settings, which are $1, give the VM that it starts: NAME=VALUE, each ended by a
# null byte. It runs as the service user, with what the service manager gives ejabberdctl.
exec 3>&1 >/dev/null 2>&1 </dev/null
report() {
  exported=$(env | sed -n 's/^\(EJABBERD_MACRO_[A-Za-z0-9_]*\)=.*/\1/p')
  for n in $exported CONTRIB_MODULES_PATH CONTRIB_MODULES_CONF_DIR ERL_LIBS ERL_OPTIONS VMARGS \
    ERL_AFLAGS ERL_FLAGS ERL_ZFLAGS; do
    eval "v=\${$n-}"
    # shellcheck disable=SC2154 # the line above sets it
    if [ -n "$v" ]; then printf '%s=%s\0' "$n" "$v" >&3; fi
  done
}
trap report 0
if [ -r "$1" ]; then . "$1"; fi
