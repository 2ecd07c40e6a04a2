# shellcheck shell=sh
# Takes the drop-in $2 of the service $1 away again.
unit=$1 file=$2
rm -f "$file"
rmdir "${file%/*}" 2>/dev/null || true
systemctl daemon-reload
systemctl restart "$unit"
