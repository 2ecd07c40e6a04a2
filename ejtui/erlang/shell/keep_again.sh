# shellcheck shell=sh
# shellcheck disable=SC2034 # k is keep_attach.sh's
# Comes before keep_attach.sh where the erl is there. $1 the directory. An earlier client that hangs
# on a connection that is gone is in the way, and is ended.
umask 077
kill -s 0 "$(cat "$1/pid")" || exit
c=$(cat "$1/client" 2>/dev/null)
case $c in '' | *[!0-9]*) c=0 ;; esac
case $(ps -ww -o args= -p "$c" 2>/dev/null) in *"$1"*)
  g=$(ps -o pgid= -p "$c" | tr -d ' ')
  if [ "$g" = "$c" ]; then kill -s KILL -- "-$c"; else kill -s KILL "$c"; fi
  sleep 0.2
  ;;
esac
# shellcheck disable=SC2012,SC2045 # by age; run_erl names them
for l in $(ls -tr "$1"/erlang.log.*); do sed '/^=====/d' "$l"; done | tail -c 16384
k=
