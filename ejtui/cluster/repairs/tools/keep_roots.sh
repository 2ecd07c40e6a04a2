# shellcheck shell=sh
# shellcheck disable=SC2154 # alone is guard.sh's, which comes in front
# What root alone may read stays root's: what the command prints becomes the file $3 in $1/$2.
umask 077
base=$1 place=$1/$2 name=$3
shift 3
enter "${base%/*}"
{ [ "$alone" = yes ] && roots_alone .; } || refuse "$base: others than root may write ${base%/*}"
mkdir -p "$place"
enter "$place"
{ [ "$alone" = yes ] && roots_alone .; } || refuse "$place: others than root may write it"
[ -e "./$name" ] || "$@" >"./$name"
