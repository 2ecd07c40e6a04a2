# shellcheck shell=sh
# shellcheck disable=SC2046,SC2154,SC2034 # words; what guard.sh sets and uses, which comes in front
# Replaces the file $1 with what the user $3 reads in $2; owner, group and mode stay, links too, as far
# as who does it may. As root only where root alone may write the directory; the user's file is read as that user. What
# was read must have the checksum $4 (SHA-256): the user may have put another file there since. The
# file that it replaces must have the checksum $5 just before: somebody may have edited it since.

target=$1 source=$2 user=$3 sum=$4 former=$5
umask 077

sum_of() {
  case $(uname -s) in
  Linux) sha256sum <"$1" | cut -d ' ' -f 1 ;;
  *) sha256 -q <"$1" ;;
  esac
}

# Refuses where the file $1 is not the one that was checked.
same_sum() {
  [ "$(sum_of "$1")" = "$sum" ] ||
    refuse "$source is not what was checked: somebody has changed it since"
}

# Ends where the file $1 is not the one that is to be replaced.
still_former() {
  [ "$(sum_of "$1")" = "$former" ] || {
    printf 'changed: %s has changed since it was read\n' "$target" >&2
    exit 78
  }
}

# Refuses where $1, of which look() says the rest, is no regular file with one name.
one_file() {
  [ $# -ge 6 ] || exit 1
  case $6 in [Rr]egular) ;; *) refuse "$target is no regular file" ;; esac
  [ "$3" = 1 ] || refuse "$target has $3 names (hard links)"
}

if [ "$(id -u)" = 0 ]; then
  enter_roots "$target"
  set -- "$base" $(look "./$base")
  one_file "$@"
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
  still_former "./$base"
  mv -f "$t" "./$base" || exit 1
  sync . 2>/dev/null || sync
  exit 0
fi

same_sum "$source"
real=$(readlink -f "$target") || exit 1
set -- "$real" $(look "$real")
one_file "$@"
mode=$5 group=$(group_of "$real")
d=$(dirname "$real.")
# Written in its place, a full disk or a lost host would leave half a file.
[ -w "$d" ] || refuse "$(id -un) may not write $d, so that $real cannot be replaced in one go"
t=$(mktemp "$d/.ejtui.XXXXXXXXXX") || exit 1
trap 'rm -f "$t"' 0
trap 'exit 1' 1 2 15
cp -p "$real" "$t" && chmod u+rw "$t" && cat "$source" >"$t" || exit 1
chgrp "$group" "$t" 2>/dev/null || true # who is not in that group cannot
chmod "$mode" "$t" || exit 1
sync "$t" 2>/dev/null || sync
still_former "$real"
mv -f "$t" "$real" || exit 1
sync "$real" 2>/dev/null || sync
