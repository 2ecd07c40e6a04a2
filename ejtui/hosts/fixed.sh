# shellcheck shell=sh
# What nobody can change or replace, not even root: by a file attribute, or by a mount. Each is one
# line: the path, what it is, and what undoes it, with tabs between.
named=

# $1 the path, $2 what it is, $3 what undoes it; each path once.
name_it() {
  case "$named" in *"
$1
"*) return ;; esac
  named="$named
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

# $1 the file, $2 its whole path, which is shown.
by_flags() {
  flags=$(flags_of "$1")
  case $flags in
  *$immutable*) name_it "$2" immutable "$writable" ;;
  *$append*) name_it "$2" append-only "$whole" ;;
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

# Sets $mounted to where the path $1 lies, and names that where it is read-only.
by_mount() {
  mounted=$(mount_of "$1")
  case $mounted in ro\ *) name_it "${mounted#ro }" read-only-mount "mount -o remount,rw" ;; esac
}
