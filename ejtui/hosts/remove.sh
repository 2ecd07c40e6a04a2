# shellcheck shell=sh
# shellcheck disable=SC2046,SC2154 # words; what guard.sh sets and uses, which comes in front
# Removes the file $1 that place.sh has put there, with the directories that it made for it; prints
# "gone" where nothing is there, "kept" where it was changed or is another's, else "removed".
# As root only where root alone may write, and only what root's own mark says.

target=$1
base=${target##*/}
case $base in '' | . | ..) refuse "$target is not written as a plain path" ;; esac
if ! [ -d "${target%/*}/" ]; then
  echo gone
  exit
fi

if [ "$(id -u)" = 0 ]; then
  enter_alone "${target%/*}/" "$target"
else
  cd -P "${target%/*}/" || exit 1
fi
mark=./.$base.ejtui

own_mark() {
  [ -f "$mark" ] && ! [ -h "$mark" ] || return 1
  [ "$(id -u)" != 0 ] || roots_alone "$mark"
}

if ! [ -e "./$base" ] && ! [ -h "./$base" ]; then
  ! own_mark || rm -f "$mark"
  echo gone
  exit
fi
if [ -h "./$base" ] || ! [ -f "./$base" ] || ! own_mark; then
  echo kept
  exit
fi
read -r made sum <"$mark"
if [ "$sum" != "$(cksum <"./$base")" ]; then
  echo kept
  exit
fi
rm -f "./$base" "$mark" || exit 1
sync . 2>/dev/null || sync
case $made in '' | *[!0-9]*) made=0 ;; esac
while [ "$made" -gt 0 ]; do
  name=$(pwd -P) made=$((made - 1))
  cd -P .. || break
  rmdir "./${name##*/}" 2>/dev/null || break
done
echo removed
