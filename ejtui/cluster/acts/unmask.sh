# shellcheck shell=sh
# Undoes mask.sh where the mark $2 stands; $1 is the unit.
unit=$1 mark=$2 dropins=/run/systemd/system/$1.d
if [ ! -e "$mark" ]; then exit 0; fi
systemctl unmask --runtime "$unit"
rm -f "$dropins/ejtui-hold.conf"
rmdir "$dropins" 2>/dev/null
systemctl daemon-reload && rm -f "$mark"
