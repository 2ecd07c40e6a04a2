# shellcheck shell=sh
# Prints what listens at the port $1, with whichever program the host has for it.
p=$1
if command -v ss >/dev/null 2>&1; then
  ss -Hltnp "sport = :$p"
elif command -v sockstat >/dev/null 2>&1; then
  sockstat -l -p "$p" | tail -n +2
else
  fstat 2>/dev/null | grep ":$p$"
fi
