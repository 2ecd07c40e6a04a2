# shellcheck shell=sh
# shellcheck disable=SC2046,SC2154,SC2034 # words; what guard.sh sets and uses, which comes in front
# Puts what the user $3 reads in $2 where nothing is yet, as the file $1 with the owner $4, the group
# $5 and the mode $6. Directories that are missing are made. As root only where root alone may write.
# What remove.sh goes by is written down, of the user's own in $7: how many directories were made, and
# the checksum.

target=$1 source=$2 user=$3 owner=$4 group=$5 mode=$6 own=$7
umask 077
made=0
quoted=$(printf %s "$source" | sed "s/'/'\\\\''/g")

# Makes $1 in the directory at hand, and enters it: mkdir follows nothing, and takes nothing over.
make_directory() {
  mkdir -m 755 "./$1" || exit 1
  made=$((made + 1))
  above=$(pwd -P)
  cd -P "./$1" || exit 1
  [ "$(pwd -P)" = "${above%/}/$1" ] || refuse "${above%/}/$1 is a link"
}

# Makes each directory of the relative path $1.
make_directories() {
  rest=$1
  while [ -n "$rest" ]; do
    part=${rest%%/*} rest=${rest#*/}
    case $part in '') ;; .. | .) refuse "$target is not written as a plain path" ;;
    *) make_directory "$part" ;; esac
  done
}

# The owner and the group that are known here; where the user could not read it so, it is the
# user's.
give_owner() {
  id -u "$owner" >/dev/null 2>&1 || owner=root
  chown "$owner" "$t" && chmod "$mode" "$t" || exit 1
  chgrp "$group" "$t" 2>/dev/null || chgrp "$(id -gn "$user")" "$t" || exit 1
  as_user "test -r '$t'" </dev/null && return
  chown "$user" "$t" && chgrp "$(id -gn "$user")" "$t" && chmod 400 "$t" || exit 1
}

find_record make
there=${target%/*} base=${target##*/} missing=
case $base in '' | . | ..) refuse "$target is not written as a plain path" ;; esac
while [ -n "$there" ] && ! [ -d "$there" ]; do
  { [ -e "$there" ] || [ -h "$there" ]; } && refuse "$there is no directory"
  missing=${there##*/}/$missing there=${there%/*}
done

if [ "$(id -u)" = 0 ]; then
  enter_alone "$there/" "$target"
else
  cd -P "$there/" || exit 1
fi
make_directories "$missing"
{ [ -e "./$base" ] || [ -h "./$base" ]; } && refuse "$target is there already"

# What was made for a file that does not come is removed again.
leave() {
  rm -f "$t"
  [ -z "$placed" ] || return 0
  remove_record
  while [ "$made" -gt 0 ]; do
    name=$(pwd -P) made=$((made - 1))
    cd -P .. || break
    rmdir "./${name##*/}" || break
  done
}

placed='' t=$(mktemp ./.ejtui.XXXXXXXXXX) || exit 1
trap leave 0
trap 'exit 1' 1 2 15
if [ "$(id -u)" = 0 ]; then
  as_user "exec cat < '$quoted'" </dev/null >"$t" || exit 1
  give_owner
else
  cat "$source" >"$t" && chmod "$mode" "$t" || exit 1
fi
printf '%s %s\n%s\n' "$made" "$(cksum <"$t")" "$target" >"$record" || exit 1
sync "$t" 2>/dev/null || sync
# A name is given only where there is none, even if somebody else makes one meanwhile.
ln "$t" "./$base" || refuse "$target cannot be made, or is there already"
placed=yes
sync . 2>/dev/null || sync
