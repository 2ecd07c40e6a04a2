# shellcheck shell=sh
# Which of ejabberdctl, which is $1, and its settings, which are $2, the shell of ejabberdctl cannot
# read whole: of each the path, that shell, and the shell's first line about it, each ended by a null
# byte. It runs as the service user, and nothing of the files is run. A file of more than $3 bytes is
# not looked at, nor one in another language. A wrapper's shell is not the one that reads the settings.
set -f
# shellcheck disable=SC3045 # each of those shells has it: so many seconds of the processor
ulimit -t 5
if [ ! -f "$1" ] || [ ! -r "$1" ]; then exit 0; fi
IFS= read -r line <"$1" || exit 0
case $line in '#!'*) ;; *) exit 0 ;; esac
shell=
for word in ${line#??}; do
  case ${word##*/} in sh | dash | ash | bash | ksh | mksh | oksh) shell=$word ;; esac
done
if [ -z "$shell" ] || ! command -v "$shell" >/dev/null; then exit 0; fi
look() {
  if [ ! -f "$1" ] || [ ! -r "$1" ] || [ "$(wc -c <"$1")" -gt "$2" ]; then return; fi
  said=$(head -c "$2" "$1" | env -i PATH="$PATH" LC_ALL=C "$shell" -n 2>&1)
  code=$?
  if [ "$code" = 0 ] || [ "$code" -ge 126 ]; then return; fi
  said=$(printf '%s\n' "$said" | head -n 1 | head -c 300)
  printf '%s\0%s\0%s\0' "$1" "$shell" "$said"
}
look "$1" "$3"
if grep -Eq '(^|[[:blank:]])[.] +"?[$][{]?[A-Z_]+[}]?"?[[:blank:]]*$' "$1"; then look "$2" "$3"; fi
