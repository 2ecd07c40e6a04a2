# shellcheck shell=sh
# shellcheck disable=SC2154 # place is set in front of this
# What run_erl runs: it waits for the line that an ejtui sends when it attaches, so that nothing the
# erl prints is missed, and becomes the erl. $place, set in front, is the directory. The watcher
# beside it lives as long as that process, and does not wait for ever for somebody to attach.
stty -echo
e=$$
(
  trap '' HUP INT TERM
  cd / || exit
  n=0
  while kill -s 0 $e; do
    sleep 1
    n=$((n + 1))
    if [ "$n" -eq 60 ] && ! [ -f "$place/up" ]; then kill -s KILL $e; fi
  done
  rm -rf "$place"
) </dev/null >/dev/null 2>&1 &
echo $$ >"$place/new" && mv "$place/new" "$place/pid"
read -r _
stty echo
: >"$place/up"
