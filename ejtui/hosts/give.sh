# shellcheck shell=sh
# shellcheck disable=SC2046,SC2154,SC2034 # words; what guard.sh and fixed.sh set, which come in front
# Gives files of another owner to a user, and prints who owned them. Run as "look" it changes nothing,
# and names those that nobody can give.
# $1 the user, $2 a directory, $3 a name in it, or "" for all that lies there and the directory
# itself; then the files that say which directory it is.

set -u
umask 077
user=$1 top=$2 only=$3
shift 3
group=$(id -gn "$user") && uid=$(id -u "$user") || exit 1

# Opens ./$1 as descriptor 3; $mode is its mode, $owner its owner.
open_file() {
  exec 3<"./$1" || exit 1
  held=$(opened)
  [ "$held" = "$(look "./$1")" ] || refuse "$(pwd -P)/$1 was replaced while it was opened"
  # shellcheck disable=SC2086 # its words
  set -- "$1" $held
  owner=$4 mode=$5
  case $6 in [Rr]egular) ;; *) refuse "$(pwd -P)/$1 is no regular file, and another user's" ;; esac
  [ "$3" = 1 ] || refuse "$(pwd -P)/$1 has $3 names (hard links), and is another user's"
}

# ./$1 becomes the user's: the file itself where a descriptor has a name to change it by, else a
# copy of what the descriptor holds. A directory's owner may replace what lies in it.
give_file() {
  set -- "$1" $(look "./$1")
  [ $# -ge 6 ] && [ "$4" != "$uid" ] || return 0
  case $6 in [Rr]egular) ;; *) refuse "$(pwd -P)/$1 is no regular file, and another user's" ;; esac
  [ "$0" != look ] || { cannot_give "$1" "$(pwd -P)/$1" && return; }
  open_file "$1"
  printf '%s %s %s\n' "$owner" "$mode" "$(pwd -P)/$1"
  if [ -e /proc/self/fd/0 ] && [ -z "${EJTUI_COPIES-}" ]; then
    chown "$user:$group" /proc/self/fd/0 <&3 || not_given "$1"
  elif roots_alone .; then
    chown -h "$user:$group" "./$1" || not_given "$1"
  else
    copy_file "$1" || not_given "$1"
  fi
  exec 3<&-
}

copy_file() {
  quoted=$(printf %s "./$1" | sed "s/'/'\\\\''/g")
  as_user "umask 077; t=./.ejtui.\$\$; trap 'rm -f \$t' 0; cat >\$t && chmod $mode \$t &&
    mv -f \$t '$quoted'" <&3 || return 1
  [ "$(wc -c <&3)" -eq 0 ] || { echo "$1 is being written to" >&2; return 1; }
}

not_given() {
  printf '%s cannot be given to %s\n' "$(pwd -P)/$1" "$user" >&2
  exit 1
}

# Names the file $1, whose path is $2, where nobody can give it.
cannot_give() {
  by_flags "$1" "$2"
  by_mount "$2"
}

give_directory() {
  [ "$(owner_of .)" != "$uid" ] || return 0
  [ "$0" != look ] || { cannot_give . "$(pwd -P)" && return; }
  printf '%s %s\n' "$(look . | cut -d' ' -f3,4)" "$(pwd -P)"
  chown -h "$user:$group" . || not_given .
}

# The directory at hand must be the user's, or lie in one of the user's, or be root's where root
# says that it is ejabberd's.
refuse_foreign() {
  owner=$(owner_of .)
  [ "$owner" != "$uid" ] || return 0
  [ "$owner" = 0 ] || refuse "$top belongs to neither root nor $user"
  [ "$(cd -P .. && owner_of .)" != "$uid" ] || return 0
  case $(pwd -P)/ in
  / | /etc/* | /usr/* | /bin/* | /sbin/* | /lib*/* | /boot/* | /dev/* | /proc/* | /sys/* | /root/*)
    refuse "$top is a directory of the system's" ;;
  esac
  refuse_named "$@"
}

# Each of the files that say which directory it is must be root's word.
refuse_named() {
  for each; do
    believed "$each" || refuse "$top is named by $each, which others than root may write"
  done
}

inner() {
  above=$(pwd -P)
  cd -P "./$1" || exit 1
  [ "$(pwd -P)" = "${above%/}/$1" ] || refuse "${above%/}/$1 is a link"
}

# A path below the working directory; in a process of its own, which may go elsewhere.
give_one() (
  path=$1
  while :; do
    case $path in
    */*) inner "${path%%/*}" && path=${path#*/} ;;
    .) give_directory && exit ;;
    *)
      if [ -h "./$path" ] || ! [ -d "./$path" ]; then
        give_file "$path" && exit
      fi
      inner "$path" && path=.
      ;;
    esac
  done
)

# Deepest first, so that a directory is root's until all in it is given. Links stay whose they are.
give_all() {
  list=$(find . -depth ! -user "$user" ! -type l) || exit 1
  set -f
  IFS='
'
  for each in $list; do
    unset IFS
    give_one "${each#./}" || exit
  done
  unset IFS
}

enter "$top"
if [ -n "$only" ]; then
  if [ "$(owner_of .)" != "$uid" ]; then
    { [ "$alone" = yes ] && roots_alone .; } || refuse "$top belongs to neither root nor $user"
    refuse_named "$@"
  fi
  give_file "$only"
else
  refuse_foreign "$@"
  give_all
  if [ "$0" = look ]; then cannot_give . "$(pwd -P)"; else chmod u+rwx .; fi
fi
