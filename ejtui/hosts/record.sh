# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034,SC2015 # what guard.sh and the script set and use
# What was put on this host is written down where no pattern of ejabberd's finds it, and what it is
# removed by: root's own in a directory of root's alone, the user's in $own.

# Sets $record, where that of the file $target is; with an argument its directory is made.
find_record() {
  case $target in *'
'*) refuse "a name with two lines" ;; esac
  if [ "$(id -u)" = 0 ]; then
    records=/etc/ejtui
    enter_alone /etc/ "$records"
    [ $# = 0 ] || [ -d ./ejtui ] || mkdir -m 700 ./ejtui || exit 1
    [ -d ./ejtui ] || return 1
    enter_alone "$records/" "$records"
  else
    records=$own
    [ $# = 0 ] || [ -d "$records" ] || mkdir -m 700 "$records" || exit 1
    [ -d "$records" ] || return 1
  fi
  record=$records/$(printf %s "$target" | cksum | tr ' ' -)
}

# Sets $made and $sum to what was written down of $target.
read_record() {
  [ -f "$record" ] && ! [ -h "$record" ] || return 1
  { read -r made sum && IFS= read -r path; } <"$record" && [ "$path" = "$target" ]
}

remove_record() {
  rm -f "$record"
  rmdir "$records" 2>/dev/null || :
}
