# shellcheck shell=sh
# Gives the socket unit $1 the drop-in $2, with which it listens on the port $3 of every address.
# What needs the unit has been stopped.
unit=$1 file=$2
mkdir -p "${file%/*}"
printf '[Socket]\nListenStream=\nListenStream=%s\n' "$3" >"$file"
systemctl daemon-reload
systemctl stop "${unit%.socket}.service" "$unit"
systemctl start "$unit"
