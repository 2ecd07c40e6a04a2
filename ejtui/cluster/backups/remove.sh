# shellcheck shell=sh
# shellcheck disable=SC2115 # it is not empty
# $1 the directory of all backups, then names in it. As the service user; no link is followed.
all=$1
shift
for name; do
    case $name in */* | . | .. | "") echo "not a name: $name" >&2; exit 1 ;; esac
    if [ -L "$all/$name" ] || [ ! -d "$all/$name" ]; then
        echo "no directory: $all/$name" >&2
        exit 1
    fi
    rm -rf -- "$all/$name"
done
