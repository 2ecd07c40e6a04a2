# shellcheck shell=sh
# shellcheck disable=SC1090,SC2034,SC2154 # files of the host's; what they set; what is set in front
# The question that a host answers about itself; guard.sh comes in front, and what is wanted: `wanted`,
# `needed` and `places` (words), `services` (a line each: its name, and whether it is there), `names`
# (a pattern of all wanted and needed), `assignments`, `cookies`, `environment` and `hiding` (awk).
# $1 ejabberdctl, $2 ejabberdctl.cfg, $3 the configuration directory, $4 the service user: "" where
# the host is to find it; $5 is not empty where it is asked as the service user. `passed` (words) are
# variables with options of erl's.
#
# trusted: root runs nothing that others may write. The question then ends, to be asked again as the
# service user: `installuser` by ejabberdctl's text, which must be its `holder`, who may write it.
# rc_node: FreeBSD's service starts ejabberd under the name that rc.conf has for it, or a name of
# its own, whatever ejabberdctl says.
ctl=$1 cfg=$2 etc=$3 user=$4 again=$5
trusted() { [ -n "$again" ] || [ "$(id -u)" != 0 ] || believed "$1"; }
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
say release "$(sed -n 's/^ID=//p' /etc/os-release 2>/dev/null | tr -d \"\')"
h=$(hostname -s 2>/dev/null) || h=$(uname -n)
say hostname "${h%%.*}"
if [ -z "$ctl" ]; then
  ctl=$(command -v ejabberdctl)
  if [ -z "$ctl" ]; then for c in $places; do if [ -x "$c" ]; then ctl=$c; fi; done; fi
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
# The operator's own unit of ejabberd, where the package's is none or starts nothing at a boot: the
# only one that does.
own_unit() {
  case $(systemctl is-enabled ejabberd.service 2>/dev/null) in
  disabled|masked|not-found|'') ;;
  *) return ;;
  esac
  found=
  for f in /etc/systemd/system/*.service; do
    n=${f##*/}
    case $n in ejabberd.service|*[!A-Za-z0-9_.@:-]*) continue ;; esac
    if [ -L "$f" ] || [ ! -r "$f" ]; then continue; fi
    if ! grep -Eq '^ExecStart=.*ejabberdctl.*[ 	](start|live|foreground(-quiet)?)' "$f"; then
      continue
    fi
    if [ "$(systemctl is-enabled "$n" 2>/dev/null)" = enabled ]; then found="$found $n"; fi
  done
  found=${found# }
  case $found in *' '*) ;; *) printf %s "$found" ;; esac
}
unit=
if [ -d /run/systemd/system ] && command -v systemctl >/dev/null; then unit=$(own_unit); fi
if [ -n "$unit" ]; then say unit "$unit"; fi
unit=${unit:-ejabberd.service}
systemd_unit() {
  if [ ! -d /run/systemd/system ]; then return 1; fi
  for d in /etc /run /usr/local/lib /usr/lib /lib; do
    if [ -e "$d/systemd/system/$unit" ]; then return; fi
  done
  return 1
}
while read -r s there; do
  if eval "$there"; then say service "$s"; break; fi
done <<END
$services
END
if [ "$s" = service ]; then say service_node "$(rc_node /usr/local/etc/rc.d/ejabberd)"; fi
if [ -d /run/systemd/system ]; then
  for u in epmd.service epmd.socket; do
    for d in /etc /run /usr/local/lib /usr/lib /lib; do
      f=$d/systemd/system/$u
      if [ -e "$f" ]; then
        if [ "$(readlink -f "$f")" != /dev/null ]; then say epmd_unit "$u"; fi
        break
      fi
    done
  done
fi
# shellcheck disable=SC2086 # the words are names
unset $wanted $needed $passed ERLANG_NODE_ARG
from_unit=
unit_shows() { systemctl show -p "$1" --value "$unit" 2>/dev/null; }
# They may be patterns.
environment_files() {
  unit_shows EnvironmentFiles | sed 's/ (ignore_errors=.*//' | while IFS= read -r p; do
    IFS=
    # shellcheck disable=SC2086 # it is a pattern, and IFS keeps its blanks
    for f in $p; do printf '%s\n' "$f"; done
  done
}
unit_files() {
  for d in /usr/lib /lib /usr/local/lib /run /etc; do
    for f in "$d/systemd/system/$unit" "$d/systemd/system/$unit.d"/*.conf; do
      if [ -f "$f" ]; then echo "$f"; fi
    done
  done
  environment_files
}
# What ejabberdctl is started with: NAME=VALUE, a line each.
unit_environment() {
  unit_shows Environment | awk -v shown=1 "$environment"
  environment_files | while IFS= read -r f; do
    if [ -f "$f" ] && [ -r "$f" ]; then
      awk "$environment" "$f"
    fi
  done
}
if [ -d /run/systemd/system ] && command -v systemctl >/dev/null; then
  # Whoever may write such a file names the files and directories that root would change.
  while IFS= read -r f; do
    if [ -e "$f" ] && ! trusted "$f"; then steered "$f"; exit 0; fi
  done <<END
$(environment_files)
END
  while IFS= read -r line; do
    n=${line%%=*}
    case " $wanted $passed ERLANG_NODE_ARG " in
    *" $n "*)
      eval "$n=\${line#*=}"
      from_unit="$from_unit $n "
      ;;
    esac
  done <<END
$(unit_environment)
END
fi
SCRIPT=$ctl fixed=
if [ -n "$cfg" ]; then EJABBERDCTL_CONFIG_PATH=$cfg fixed=" EJABBERDCTL_CONFIG_PATH "; fi
if [ -n "$etc" ]; then
  CONFIG_DIR=$etc ETC_DIR=$etc ETCDIR=$etc fixed="$fixed CONFIG_DIR ETC_DIR ETCDIR "
fi
# What the unit gives ejabberdctl on its command line, also in a script of its own: a word each.
unit_words() {
  line=$(unit_shows ExecStart | sed -n 's/^{ path=.* ; argv\[\]=\(.*\) ; ignore_errors=.*/\1/p')
  program=${line%% *}
  case ${program##*/} in ejabberdctl|'') ;; *)
    if [ "$(head -c 2 "$program" 2>/dev/null)" = '#!' ] && trusted "$program"; then
      line=$(grep -e '--spool' -e '--ctl-config' "$program" | head -n 1)
    fi
    ;;
  esac
  printf '%s\n' "$line" | xargs -n 1 printf '%s\n' 2>/dev/null
}
unit_option() { printf '%s\n' "$words" | sed -n "/^$1\$/{n;p;q;}"; }
words=
if [ -d /run/systemd/system ] && command -v systemctl >/dev/null; then words=$(unit_words); fi
# given NAMES VALUE: the unit gives these variables that value.
given() {
  for n in $1; do
    eval "$n=\$2"
    fixed="$fixed $n "
    from_unit="$from_unit $n "
  done
}
o=$(unit_option --ctl-config)
if [ -n "$o" ] && [ -z "$cfg" ]; then given EJABBERDCTL_CONFIG_PATH "$o"; fi
o=$(unit_option --config-dir)
y=$(unit_option --config)
if [ -z "$o" ]; then o=${y%/*}; fi
if [ -n "$y" ] && [ -z "$etc" ]; then given EJABBERD_CONFIG_PATH "$y"; fi
if [ -n "$o" ] && [ -z "$etc" ]; then given "CONFIG_DIR ETC_DIR ETCDIR" "$o"; fi
# Behind ejabberdctl alone: others such as nice have a -n, too.
o=$(printf '%s\n' "$words" | awk 'ctl && (/^--node$/ || /^-n$/) { getline; print; exit }
  /(^|\/)ejabberdctl$/ { ctl = 1 }')
if [ -n "$o" ]; then given ERLANG_NODE_ARG "$o"; fi
o=$(unit_option --spool)
if [ -n "$o" ]; then given "SPOOL_DIR SPOOLDIR" "$o"; fi
o=$(unit_option --logs)
if [ -n "$o" ]; then given LOGS_DIR "$o"; fi
read_cfg() {
  if [ ! -r "$1" ]; then return; fi
  if ! trusted "$1"; then trap - 0; steered "$1"; exit 0; fi
  for n in $wanted $passed; do eval "was_$n=\${$n-}"; done
  . "$1"
  for n in $wanted $passed; do
    if eval "[ \"\${$n-}\" != \"\$was_$n\" ]"; then from_cfg="$from_cfg $n "; fi
  done
}
hide() {
  printf '%s\n' "$1" | awk "$hiding"
}
digest() {
  if command -v sha256sum >/dev/null; then sha256sum; else sha256 -q; fi | cut -c 1-64
}
digests() {
  awk "$cookies" | while read -r at cookie whole; do
    printf '%s\t%s\t%s\n' "$at" "$(printf %s "$cookie" | digest)" "$(printf %s "$whole" | digest)"
  done
}
# The digests of the cookies that options in effect give: as they are in a file, and as erl has them.
# ejabberdctl passes the quotes within these two on; of the others erl itself takes them away. Erlang
# takes none where there are several.
given_cookies() {
  for n in ERL_OPTIONS $passed; do
    case $n in ERL_OPTIONS | EJABBERD_OPTS) quotes=yes ;; *) quotes= ;; esac
    eval "printf '%s\n' \"\${$n-}\"" | digests | both "$quotes"
  done
  if [ -f "$VMARGS" ] && [ -r "$VMARGS" ]; then digests <"$VMARGS" | both ""; fi
}
both() {
  while read -r _ bare whole; do
    if [ -z "$1" ]; then whole=$bare; fi
    printf '%s %s\n' "$bare" "$whole"
  done
}
# Where such an option is: file, line and digest, a line each.
cookie_options() {
  given=$(given_cookies)
  if [ "${#given}" != 129 ]; then return; fi
  bare=${given% *} given=${given#* }
  rows=$(cookie_lines digests "$bare")
  # A variable stands for the cookie.
  if [ -z "$rows" ]; then rows=$(cookie_lines variables '[$]'); fi
  printf '%s' "$rows"
}
variables() { awk "$cookies"; }
# The lines of those files of which the command $1 prints what $2 matches.
cookie_lines() {
  for f in "$VMARGS" "$cfg_path" "$ctl" $(unit_files); do
    if [ ! -f "$f" ] || [ ! -r "$f" ]; then continue; fi
    f=$(readlink -f "$f")
    "$1" <"$f" | grep "$2" | while read -r at _; do printf '%s\t%s\t%s\n' "$f" "$at" "$given"; done
  done | sort -u
}
# Whether process $1 is a VM of the user $2 or of root: what another's process looks like is that
# one's choice, and so are the arguments of a program that becomes root.
vm_of() {
  case $(owner_of "/proc/$1") in
  "$(id -u "$2")") ;;
  0) case $(readlink "/proc/$1/exe") in */beam*) ;; *) return 1 ;; esac ;;
  *) return 1 ;;
  esac
}
# The arguments of the VM that runs under the node's name as the user $1, a line each.
vm_arguments() {
  n=${ERLANG_NODE:-ejabberd}
  grep -l beam /proc/[0-9]*/cmdline 2>/dev/null | while read -r f; do
    pid=${f#/proc/}
    if ! vm_of "${pid%/cmdline}" "$1" 2>/dev/null; then continue; fi
    words=$(tr '\0' '\n' <"$f" 2>/dev/null)
    if printf '%s\n' "$words" | grep -A 1 -x -e -sname -e -name | grep -q "^${n%%@*}\(@\|\$\)" &&
      printf '%s\n' "$words" | grep -F -x -q -e "$SPOOL_DIR" -e "\"$SPOOL_DIR\""; then
      hide "$words"
      break
    fi
  done
}
report() {
  case $from_unit in *' ERLANG_NODE_ARG '*)
    # It counts before any other.
    say node_arg yes
    ERLANG_NODE=$ERLANG_NODE_ARG from_unit="$from_unit ERLANG_NODE "
    from_cfg=$(printf %s "$from_cfg" | sed 's/ ERLANG_NODE / /g')
    ;;
  esac
  for n in $wanted $passed; do
    eval "v=\${$n-}"
    if [ -z "$v" ]; then continue; fi
    case " ERL_OPTIONS ERLANG_OPTS $passed " in *" $n "*) v=$(hide "$v");; esac
    say "var.$n" "$v"
    case $from_cfg in *" $n "*) say "from_cfg.$n" yes;; esac
    case $from_unit in *" $n "*) say "from_unit.$n" yes;; esac
  done
  cfg_path=$EJABBERDCTL_CONFIG_PATH
  say cookie_options "$(cookie_options)"
  u=${user:-$INSTALLUSER}
  u=${u:-$(id -un)}
  say vm_arguments "$(vm_arguments "$u")"
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
  if [ -f "$VMARGS" ] && [ -r "$VMARGS" ]; then say vmargs "$(hide "$(cat "$VMARGS")")"; fi
  if [ -f "$ctl" ] && grep -q 'proto_dist inet6_tcp' "$ctl"; then say ctl_inet6 yes; fi
  say end yes
}
(
  from_cfg=
  trap 'set +e; report' 0
  if [ -f "$ctl" ]; then
    lines=$(awk -v names="$names" "$assignments" "$ctl")
    while IFS= read -r line; do
      case $fixed in *" ${line%%=*} "*) continue;; esac
      command eval "$line"
    done <<END
$lines
END
    if [ -f "$VMARGS" ] && ! trusted "$VMARGS"; then trap - 0; steered "$VMARGS"; exit 0; fi
  fi
) || :
