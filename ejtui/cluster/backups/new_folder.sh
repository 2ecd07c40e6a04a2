# shellcheck shell=sh
# $1 the directory in which to make one, $2 and $3 what its name begins and ends with. The name has
# this host's clock; of two that are made within one second, one gets a number.
umask 077
mkdir -p "$1" || exit 1
now=$(date -u +%Y%m%dT%H%M%SZ)
name=$2$now$3
number=2
until mkdir "$1/$name" 2>/dev/null; do
    if [ ! -e "$1/$name" ] || [ "$number" -gt 999 ]; then mkdir "$1/$name"; exit 1; fi
    name=$2$now-$number$3
    number=$((number + 1))
done
printf '%s\n%s\n' "$name" "$now"
