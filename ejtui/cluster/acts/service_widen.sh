# shellcheck shell=sh
# Gives the service $1 the drop-in $2, which takes the variable $3 from its environment. What needs
# the service has been stopped.
unit=$1 file=$2
mkdir -p "${file%/*}"
printf '[Service]\nUnsetEnvironment=%s\n' "$3" >"$file"
systemctl daemon-reload
systemctl restart "$unit"
