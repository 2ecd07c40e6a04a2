# shellcheck shell=sh
# What systemd's journal has of those who unmask or start the unit $1, since the mark $2 was made:
# the last $3 lines. Nothing without the mark: ejtui itself starts the unit while there is none.
if [ ! -e "$2" ]; then exit 0; fi
since=$(stat -c %Y "$2" 2>/dev/null) || exit 0
journalctl --quiet --no-pager --output=with-unit --since="@$since" 2>/dev/null |
  grep -F -e "${1%.service}" |
  grep -E -e 'unmask|start|running|enable' |
  grep -v -F -e " init.scope[" -e " $1[" -e ejtui |
  tail -n "$3" || true
