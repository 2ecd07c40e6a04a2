# shellcheck shell=sh
# shellcheck disable=SC2046,SC2154,SC2034 # words; what guard.sh sets and uses, which comes in front
# Removes the file $1 that place.sh has put there, with the directories that it made for it; prints
# "gone" where nothing is there, "kept" where it was changed or is another's, else "removed".
# As root only where root alone may write, and only what root's own record names; the user's is in $2.

target=$1 own=$2
base=${target##*/}
case $base in '' | . | ..) refuse "$target is not written as a plain path" ;; esac
made='' sum='' known=
if find_record && read_record; then known=yes; fi
if ! [ -d "${target%/*}/" ]; then
  [ -z "$known" ] || remove_record
  echo gone
  exit
fi

if [ "$(id -u)" = 0 ]; then
  enter_alone "${target%/*}/" "$target"
else
  cd -P "${target%/*}/" || exit 1
fi
if ! [ -e "./$base" ] && ! [ -h "./$base" ]; then
  [ -z "$known" ] || remove_record
  echo gone
  exit
fi
if [ -z "$known" ] || [ -h "./$base" ] || ! [ -f "./$base" ] ||
  [ "$sum" != "$(cksum <"./$base")" ]; then
  echo kept
  exit
fi
rm -f "./$base" || exit 1
sync . 2>/dev/null || sync
remove_record
case $made in '' | *[!0-9]*) made=0 ;; esac
while [ "$made" -gt 0 ]; do
  name=$(pwd -P) made=$((made - 1))
  cd -P .. || break
  rmdir "./${name##*/}" 2>/dev/null || break
done
echo removed
