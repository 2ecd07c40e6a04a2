# shellcheck shell=sh
# The last $2 lines of the journal about the last start of the unit $1; nothing without a journal.
id=$(systemctl show -p InvocationID --value "$1" 2>/dev/null)
if [ -n "$id" ]; then
  set -- "$2" "_SYSTEMD_INVOCATION_ID=$id" + "INVOCATION_ID=$id"
else
  set -- "$2" "--unit=$1"
fi
lines=$1
shift
journalctl --quiet --no-pager --output=cat --lines="$lines" "$@" 2>/dev/null || true
