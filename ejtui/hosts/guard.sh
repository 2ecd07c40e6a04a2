# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154,SC2046,SC2015 # what others use and set; words; refuse() does not return
# What root does below a directory that another user may write, without following that user.
#
# A directory is entered one component at a time, and then named "." alone. A link is followed only
# where root alone could have made it; elsewhere cd must end where the name says. A file is opened
# first and looked at afterwards: the descriptor and the name must be the same regular file, with
# no other name. What is then done to the descriptor cannot reach another file.

refuse() {
  printf 'unsafe-path: %s\n' "$1" >&2
  exit 77
}

# Runs $1 in a shell as $user, in the directory at hand.
as_user() {
  case $(uname -s) in
  Linux)
    if command -v runuser >/dev/null; then
      runuser -u "$user" -- /bin/sh -c "$1"
    else
      su -s /bin/sh "$user" -c "$1"
    fi
    ;;
  FreeBSD) su -m "$user" -c "$1" ;;
  *) su -s /bin/sh "$user" -c "$1" ;;
  esac
}

# Device and inode, links, user, mode, type: of $1 itself, or of what descriptor 3 is open on.
case $(uname -s) in
Linux)
  group_of() { stat -c %g "$1"; }
  look() { stat -c '%d:%i %h %u %a %F' "$1"; }
  opened() { stat -L -c '%d:%i %h %u %a %F' /proc/self/fd/0 <&3; }
  ;;
*)
  group_of() { stat -f %g "$1"; }
  look() { stat -f '%d:%i %l %u %Lp %HT' "$1"; }
  opened() { stat -f '%d:%i %l %u %Lp %HT' <&3; }
  ;;
esac

owner_of() {
  set -- $(look "$1")
  echo "${3-}"
}

# Whether $1 is root's, and nobody else may write it. A group that nobody is in is nobody else.
roots_alone() {
  set -- "$1" $(look "$1") 2>/dev/null
  [ $# -ge 5 ] && [ "$4" = 0 ] || return 1
  case $5 in # the modes' last digits, of the group and of all; some shells read 022 as twenty-two
  *[2367]) return 1 ;;
  *[2367]?) nobody_in "$(group_of "$1")" && ! has_list "$1" ;;
  esac
}

# Whether $1 has an access list: where the mode has the group then, the list's mask stands.
has_list() {
  case $(ls -ld "$1") in ??????????+*) ;; *) return 1 ;; esac
}

nobody_in() {
  [ "$1" != 0 ] || return 0
  [ -z "$(getent group "$1" | cut -d: -f4)" ] || return 1
  [ -n "$1" ] && ! getent passwd | cut -d: -f4 | grep -qx "$1"
}

# Makes $1 the working directory. $alone: whether root alone could have made all on the way there.
enter() {
  cd -P / || exit 1
  alone=yes hops=0 rest=${1#/}/
  while [ -n "$rest" ]; do
    part=${rest%%/*} rest=${rest#*/}
    case $part in '' | .) continue ;; esac
    step_into "$part" "$1"
  done
}

# $1 the next component, $2 the whole way, for saying so.
step_into() {
  above=$(pwd -P)
  if [ "$1" = .. ]; then
    cd -P .. || exit 1
  elif [ -h "./$1" ] && [ "$alone" = yes ] && roots_alone .; then
    hops=$((hops + 1))
    [ $hops -le 40 ] || refuse "$2: too many links"
    to=$(readlink "./$1") || exit 1
    case $to in /*) cd -P / || exit 1 ;; esac
    rest=$to/$rest
  else
    # In a directory where all may make files, and none may rename another's, root's are root's.
    roots_alone . || [ -k . ] || alone=no
    cd -P "./$1" || exit 1
    [ "$(pwd -P)" = "${above%/}/$1" ] || refuse "${above%/}/$1 is a link that root did not make"
    [ "$(owner_of .)" = 0 ] || alone=no
  fi
}

# Enters the directory $1, which root alone may write, on the way to $2.
enter_alone() {
  enter "$1"
  [ "$alone" = yes ] && roots_alone . || refuse "$2: others than root may write $(pwd -P)"
}

# Enters the directory of the file $1, which root alone may write; $base is the file's name there.
# Links that root made are followed.
enter_roots() {
  at=$1 turns=0
  while :; do
    enter_alone "${at%/*}/" "$1"
    base=${at##*/}
    [ -h "./$base" ] || return 0
    turns=$((turns + 1))
    [ $turns -le 40 ] || refuse "$1: too many links"
    to=$(readlink "./$base") || exit 1
    case $to in /*) at=$to ;; *) at=$(pwd -P)/$to ;; esac
  done
}

# Whether root alone says what stands in the file $1.
believed() (
  enter_roots "$1" 2>/dev/null && roots_alone "./$base"
)
