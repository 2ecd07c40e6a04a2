# shellcheck shell=sh
# Ends the erl below the directory $1. The watcher inside removes the directory.
p=$(cat "$1/pid" 2>/dev/null) || exit 0
kill -s HUP "$p"
n=0
while kill -s 0 "$p"; do
  n=$((n + 1))
  if [ $n -gt 20 ]; then
    kill -s KILL "$p"
    break
  fi
  sleep 0.1
done 2>/dev/null
exit 0
