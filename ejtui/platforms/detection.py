"""The one question that a host answers about itself, in plain /bin/sh."""

from __future__ import annotations

from ejtui.hosts import guard
from ejtui.platforms.table import PLACES

# What is believed of ejabberdctl and its configuration. The rest of ejabberdctl is not run.
_WANTED = (
    *("ERLANG_NODE", "ERL", "EPMD", "INSTALLUSER", "SPOOL_DIR", "SPOOLDIR", "LOGS_DIR"),
    *("CONFIG_DIR", "ETC_DIR", "ETCDIR", "EJABBERDCTL_CONFIG_PATH", "HOME"),
    *("ERL_INETRC", "ERL_LIBS", "ERL_EPMD_ADDRESS", "ERL_EPMD_PORT", "ERL_DIST_PORT"),
    "EJABBERD_MNESIA_SCHEMA",
    *("FIREWALL_WINDOW", "INET_DIST_INTERFACE", "ERLANG_OPTS", "TERM"),
)

# What the wanted ones are made of.
_NEEDED = (
    *("SCRIPT", "SCRIPT_DIR", "ROOTDIR", "ROOT_DIR", "BASEDIR", "BINDIR", "REL_DIR"),
    *("ERTS_VSN", "ERTS_DIR", "NODE", "HOST", "NAME", "EJHOME", "CONFIG", "SPOOL_DIR_OLD"),
)

# Takes the assignments of those names out of ejabberdctl, in their order. An indented one stands
# in an `if` that asks whether it is set. One behind tests stays as it is, such as where Mnesia's
# files are for who has upgraded; so does the line that reads the configuration
# file. What is exported is assigned.
_AWK = r"""
BEGIN { n = "(" names ")" }
$0 ~ "^" n "=" { print; next }
$0 ~ "^[ \t]+" n "=" {
  sub(/^[ \t]+/, ""); name = $0; sub(/=.*/, "", name)
  print "[ -n \"${" name "-}\" ] || " $0; next
}
$0 ~ "^: *\"?[$][{]" n ":?=" { print; next }
$0 ~ "^([[] [^];|&]+ []] *&& *)+" n "=" { print; next }
$0 ~ "^export " n "=" { sub(/^export /, ""); print; next }
/(^|[ \t])[.] +"?[$][{]?[A-Z_]+[}]?"?[ \t]*$/ {
  sub(/^(.*[ \t])?[.] +/, ""); print "read_cfg " $0
}
"""

# trusted: root runs nothing that others may write. The question then ends, to be asked again as the
# service user: `installuser` by ejabberdctl's text, which must be its `holder`, who may write it.
# rc_node: FreeBSD's service starts ejabberd under the name that rc.conf has for it, or a name of
# its own, whatever ejabberdctl says.
_SCRIPT = r"""
ctl=$1 cfg=$2 etc=$3 user=$4 again=$5
trusted() { [ -n "$again" ] || [ "$(id -u)" != 0 ] || believed "$1"; }
wanted='@WANTED@'
exec 3>&1 1>&2 </dev/null
say() { printf '%s\t%s\0' "$1" "$2" >&3; }
rc_node() (
  exec 4>&1 >&2
  unset ejabberd_node
  for f in /etc/rc.conf /etc/rc.conf.local /etc/rc.conf.d/ejabberd \
    /usr/local/etc/rc.conf.d/ejabberd; do
    if [ -r "$f" ] && trusted "$f"; then . "$f"; fi
  done
  eval "$(grep -E '^(: *"?[$][{])?ejabberd_node:?=' "$1")"
  printf %s "$ejabberd_node" >&4
)
say uname "$(uname -s)"
h=$(hostname -s 2>/dev/null) || h=$(uname -n)
say hostname "${h%%.*}"
if [ -z "$ctl" ]; then
  ctl=$(command -v ejabberdctl)
  if [ -z "$ctl" ]; then for c in @PLACES@; do if [ -x "$c" ]; then ctl=$c; fi; done; fi
fi
say ctl "$ctl"
if [ -f "$ctl" ]; then say ctl_there yes; fi
steered() {
  say steered "$1"
  u=$(sed -n 's/^[ 	]*INSTALLUSER=//p' "$ctl" | tr -d \" | grep -x '[A-Za-z_][A-Za-z0-9_.-]*')
  say installuser "$(echo "$u" | head -n 1)"
  if believed "$ctl"; then return; fi
  h=$ctl
  while [ -n "$h" ] && [ "$(owner_of "$h")" = 0 ]; do h=${h%/*}; done
  if [ -n "$h" ]; then say holder "$(id -nu "$(owner_of "$h")")"; else say holder ""; fi
}
if [ -f "$ctl" ] && ! trusted "$ctl"; then steered "$ctl"; exit 0; fi
if [ -d /run/systemd/system ]; then
  for d in /etc /run /usr/local/lib /usr/lib /lib; do
    if [ -e "$d/systemd/system/ejabberd.service" ]; then say service systemctl; break; fi
  done
elif [ -x /etc/rc.d/ejabberd ] && command -v rcctl >/dev/null; then say service rcctl
elif [ -x /usr/local/etc/rc.d/ejabberd ]; then
  say service service
  say service_node "$(rc_node /usr/local/etc/rc.d/ejabberd)"
fi
unset $wanted @NEEDED@ ERLANG_NODE_ARG
SCRIPT=$ctl fixed=
if [ -n "$cfg" ]; then EJABBERDCTL_CONFIG_PATH=$cfg fixed=" EJABBERDCTL_CONFIG_PATH "; fi
if [ -n "$etc" ]; then
  CONFIG_DIR=$etc ETC_DIR=$etc ETCDIR=$etc fixed="$fixed CONFIG_DIR ETC_DIR ETCDIR "
fi
read_cfg() {
  if [ ! -r "$1" ]; then return; fi
  if ! trusted "$1"; then trap - 0; steered "$1"; exit 0; fi
  for n in $wanted; do eval "was_$n=\${$n-}"; done
  . "$1"
  for n in $wanted; do
    if eval "[ \"\${$n-}\" != \"\$was_$n\" ]"; then from_cfg="$from_cfg $n "; fi
  done
}
report() {
  for n in $wanted; do
    eval "v=\${$n-}"
    if [ -z "$v" ]; then continue; fi
    say "var.$n" "$v"
    case $from_cfg in *" $n "*) say "from_cfg.$n" yes;; esac
  done
  u=${user:-$INSTALLUSER}
  u=${u:-$(id -un)}
  say home "$(getent passwd "$u" | cut -d: -f6)"
  if id -u "$u" >/dev/null 2>&1; then say user_there yes; fi
  p=
  for e in "$ERL" erl; do
    if [ -n "$e" ] && p=$(command -v "$e"); then say erl_found "$p"; break; fi
  done
  for e in "$EPMD" "${p%/*}/epmd" epmd; do
    if [ -n "$e" ] && e=$(command -v "$e"); then say epmd_found "$e"; break; fi
  done
  if [ -f "$ERL_INETRC" ]; then say inetrc_there yes; fi
  say end yes
}
(
  from_cfg=
  trap 'set +e; report' 0
  if [ -f "$ctl" ]; then
    lines=$(awk -v names='@NAMES@' '@AWK@' "$ctl")
    while IFS= read -r line; do
      case $fixed in *" ${line%%=*} "*) continue;; esac
      command eval "$line"
    done <<END
$lines
END
  fi
) || :
"""

SCRIPT = guard.script() + (
    _SCRIPT.replace("@WANTED@", " ".join(_WANTED))
    .replace("@NEEDED@", " ".join(_NEEDED))
    .replace("@NAMES@", "|".join((*_WANTED, *_NEEDED)))
    .replace("@PLACES@", " ".join(PLACES))
    .replace("@AWK@", _AWK)
)


def answers(output: bytes) -> dict[str, str]:
    """Return what the script said, by name."""
    found = {}
    for item in output.decode("utf-8", "surrogateescape").split("\0"):
        name, tab, value = item.partition("\t")
        if tab:
            found[name] = value
    return found
