# shellcheck shell=sh
# shellcheck disable=SC2046,SC2154,SC2034 # words; what guard.sh sets and uses, which comes in front
# Prints owner, group (both as numbers) and mode of the file $1; with more words it gives them back to
# the file that the user $2 has put in its place: owner $3, group $4 and mode $5. Only a regular file
# with one name, the user's own, whose content has the checksum $6 (SHA-256).

target=$1 user=${2-} owner=${3-} group=${4-} mode=${5-} sum=${6-}
real=$(readlink -f "$target") || exit 1
base=${real##*/}
enter "${real%/*}/"
exec 3<"./$base" || exit 1
held=$(opened)
[ "$held" = "$(look "./$base")" ] || refuse "$target was replaced while it was opened"
# shellcheck disable=SC2086 # its words
set -- $held
case $5 in [Rr]egular) ;; *) refuse "$target is no regular file" ;; esac
[ "$2" = 1 ] || refuse "$target has $2 names (hard links)"
if [ -z "$user" ]; then
  printf '%s %s %s\n' "$3" "$(group_of "./$base")" "$4"
  exit 0
fi
[ "$3" = "$(id -u "$user")" ] || refuse "$target is not $user's"
case $mode in [0-7][0-7][0-7]) ;; *) refuse "$mode is no mode of such a file" ;; esac
case $(uname -s) in
Linux) now=$(sha256sum <&3 | cut -d ' ' -f 1) ;;
*) now=$(sha256 -q <&3) ;;
esac
[ "$now" = "$sum" ] || refuse "$target has changed since it was written"
# Without a name for an open file it stays the user's.
[ -e /proc/self/fd/0 ] || exit 0
chown "$owner:$group" /proc/self/fd/0 <&3 && chmod "$mode" /proc/self/fd/0 <&3
