# shellcheck shell=sh
# For the socket unit that listens on the TCP port $1: its name, and each address on a line.
[ -d /run/systemd/system ] || exit 0
systemctl list-units --type=socket --state=active --no-legend --plain | while read -r unit rest; do
    at=$(systemctl show -p Listen "$unit" | sed -n "s/^Listen=\(.*:$1\) (Stream)\$/\1/p")
    if [ -n "$at" ]; then echo "$unit"; echo "$at"; exit 0; fi
done
