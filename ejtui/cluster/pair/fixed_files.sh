# shellcheck shell=sh
# Names those of the paths "$@" that nobody can change or replace: a file attribute, a mount. Of a
# path that ends with "/" the files in that directory count, too. Each line: the path, what it is,
# and what undoes it, with tabs between. What is not there is not named; its directory is.
seen=

# $1 the path, $2 what it is, $3 what undoes it; each path once.
name_it() {
  case "$seen" in *"
$1
"*) return ;; esac
  seen="$seen
$1
"
  printf '%s\t%s\t%s\n' "$1" "$2" "$3"
}

case $(uname -s) in
Linux)
  flags_of() { lsattr -d -- "$1" 2>/dev/null | cut -d' ' -f1; }
  immutable=i append=a writable='chattr -i' whole='chattr -a'
  ;;
*)
  flags_of() { stat -f %Sf -- "$1" 2>/dev/null; }
  immutable=chg append=appnd writable='chflags noschg,nouchg' whole='chflags nosappnd,nouappnd'
  ;;
esac

by_flags() {
  flags=$(flags_of "$1")
  case $flags in
  *$immutable*) name_it "$1" immutable "$writable" ;;
  *$append*) name_it "$1" append-only "$whole" ;;
  esac
}

# Where the path lies: the mount, "ro" or "rw".
mount_of() {
  [ -r /proc/self/mountinfo ] || return 0
  wanted=$1 awk 'BEGIN { want = ENVIRON["wanted"] }
    { at = $5; gsub(/\\040/, " ", at); below = at == "/" ? at : at "/" }
    at == want || substr(want "/", 1, length(below)) == below {
      if (length(at) >= length(best)) {
        best = at; how = $6
        for (i = 7; i < NF && $i != "-"; i++);
        if ($(i + 3) ~ /^ro(,|$)/) how = "ro"
      }
    }
    END { if (best != "") print (how ~ /^ro(,|$)/ ? "ro" : "rw"), best }' /proc/self/mountinfo
}

by_mount() {
  found=$(mount_of "$1")
  case $found in
  "ro $1") name_it "$1" read-only-mount "mount -o remount,rw" ;;
  ro\ *) name_it "${found#ro }" read-only-mount "mount -o remount,rw" ;;
  "rw $1") [ -d "$1" ] || name_it "$1" mount umount ;;
  esac
}

look() {
  by_flags "$1"
  by_mount "$1"
}

for each; do
  real=$(readlink -f -- "${each%/}") || continue
  above=${real%/*}
  case $each in
  */)
    if [ -d "$real" ]; then
      look "$real"
      for file in "$real"/*; do
        if [ -f "$file" ] && [ ! -h "$file" ]; then by_flags "$file"; fi
      done
      continue
    fi
    ;;
  esac
  [ ! -e "$real" ] || look "$real"
  look "${above:-/}"
done
