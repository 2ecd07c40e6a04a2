# shellcheck shell=sh
# The last $2 lines of the journal about the last start of the unit $1; nothing without a journal.
#
# A busy journal takes a line of a process that is gone already: it knows its unit then, and no
# longer its start. So what begins the start is looked for, and all of the unit since then is taken.
id=$(systemctl show -p InvocationID --value "$1" 2>/dev/null)
began=
if [ -n "$id" ]; then
  began=$(journalctl --quiet --no-pager --output=short-unix "INVOCATION_ID=$id" 2>/dev/null |
    sed -n '1s/ .*//p')
fi
journalctl --quiet --no-pager --output=cat --lines="$2" --unit="$1" ${began:+"--since=@$began"} \
  2>/dev/null || true
