# shellcheck shell=sh
# Masks the unit $1, so that systemd does not start it; the mark $2 stands while the mask is ejtui's.
# A unit file in /etc/systemd/system counts before a mask in /run: there an assertion that never
# holds keeps the unit down.
unit=$1 mark=$2 dropins=/run/systemd/system/$1.d
if [ -e "$mark" ]; then exit 0; fi
case $(systemctl show -p UnitFileState --value "$unit") in masked*) exit 0;; esac
: > "$mark"
systemctl mask --runtime "$unit"
case $(systemctl show -p LoadState --value "$unit") in masked) exit 0;; esac
systemctl unmask --runtime "$unit"
mkdir -p "$dropins"
printf '[Unit]\nAssertPathExists=!/\n' > "$dropins/ejtui-hold.conf"
systemctl daemon-reload
