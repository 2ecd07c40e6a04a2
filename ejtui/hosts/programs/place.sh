# shellcheck shell=sh
# shellcheck disable=SC2163 # NAME=value is what is exported
# Runs what follows "--" in the directory $1, with the assignments in between in its environment.
d=$1;
shift;
if [ -n "$d" ]; then cd "$d" || exit 126; fi;
while [ "$1" != -- ]; do export "$1"; shift; done;
shift;
exec "$@"
