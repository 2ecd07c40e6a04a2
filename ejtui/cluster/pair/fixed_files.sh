# shellcheck shell=sh
# shellcheck disable=SC2154 # what fixed.sh sets, which comes in front
# Names those of the paths "$@" that nobody can change or replace. Of a path that ends with "/" the
# files in that directory count, too. What is not there is not named; its directory is. What the user
# may not read is named as "unreadable": its attributes are read in the same way.

attributes() {
  if [ -r "$1" ]; then by_flags "$1" "$1"; else name_it "$1" unreadable -; fi
}

look_at() {
  attributes "$1"
  by_mount "$1"
  # No other file takes the place of one that is a mount.
  case $mounted in "rw $1") [ -d "$1" ] || name_it "$1" mount umount ;; esac
}

for each; do
  real=$(readlink -f -- "${each%/}") || continue
  above=${real%/*}
  case $each in
  */)
    if [ -d "$real" ]; then
      look_at "$real"
      for file in "$real"/*; do
        if [ -f "$file" ] && [ ! -h "$file" ]; then attributes "$file"; fi
      done
      continue
    fi
    ;;
  esac
  [ ! -e "$real" ] || look_at "$real"
  look_at "${above:-/}"
done
