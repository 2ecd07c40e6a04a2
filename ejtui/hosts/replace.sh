# shellcheck shell=sh
# shellcheck disable=SC2046,SC2154,SC2034 # words; what guard.sh sets and uses, which comes in front
# Replaces the file $1 with what the user $3 reads in $2; owner, group and mode stay, links too.
# As root only where root alone may write the directory; the user's file is read as that user. What
# was read must have the checksum $4 (SHA-256): the user may have put another file there since.

target=$1 source=$2 user=$3 sum=$4
umask 077

# Refuses where the file $1 is not the one that was checked.
same_sum() {
  case $(uname -s) in
  Linux) found=$(sha256sum <"$1" | cut -d ' ' -f 1) ;;
  *) found=$(sha256 -q <"$1") ;;
  esac
  [ "$found" = "$sum" ] || refuse "$source is not what was checked: somebody has changed it since"
}

if [ "$(id -u)" = 0 ]; then
  enter_roots "$target"
  set -- "$base" $(look "./$base")
  [ $# -ge 6 ] || exit 1
  case $6 in [Rr]egular) ;; *) refuse "$target is no regular file" ;; esac
  [ "$3" = 1 ] || refuse "$target has $3 names (hard links)"
  owner=$4:$(group_of "./$base") mode=$5
  t=$(mktemp ./.ejtui.XXXXXXXXXX) || exit 1
  trap 'rm -f "$t"' 0
  trap 'exit 1' 1 2 15
  quoted=$(printf %s "$source" | sed "s/'/'\\\\''/g")
  # No more than some 100 MB, whatever the user has put there since.
  as_user "ulimit -f 131072; exec cat < '$quoted'" </dev/null >"$t" || exit 1
  same_sum "$t"
  chown "$owner" "$t" && chmod "$mode" "$t" || exit 1
  sync "$t" 2>/dev/null || sync
  mv -f "$t" "./$base" || exit 1
  sync . 2>/dev/null || sync
  exit 0
fi

same_sum "$source"
real=$(readlink -f "$target") || exit 1
d=$(dirname "$real.")
if [ -w "$d" ]; then
  t=$(mktemp "$d/.ejtui.XXXXXXXXXX") || exit 1
  trap 'rm -f "$t"' 0
  trap 'exit 1' 1 2 15
  cp -p "$real" "$t" && cat "$source" >"$t" || exit 1
  sync "$t" 2>/dev/null || sync
  mv -f "$t" "$real" || exit 1
else
  cat "$source" >"$real" || exit 1
fi
sync "$real" 2>/dev/null || sync
