# shellcheck shell=sh
# Masks the unit $1, so that systemd does not start it; the mark $2 stands while the mask is ejtui's.
# A unit file in /etc/systemd/system counts before a mask in /run: there an assertion that never
# holds keeps the unit down. Fails where neither works, and leaves nothing then.
unit=$1 mark=$2 dropins=/run/systemd/system/$1.d hold=ejtui-hold.conf
is_masked() { case $(systemctl show -p LoadState --value "$unit") in masked) ;; *) false;; esac; }
is_held() { case $(systemctl show -p DropInPaths --value "$unit") in *"$hold"*) ;; *) false;; esac; }
if [ -e "$mark" ]; then if is_masked || is_held; then exit 0; fi; fi
case $(systemctl show -p UnitFileState --value "$unit") in masked*) exit 0;; esac
: > "$mark"
systemctl mask --runtime "$unit"
if is_masked; then exit 0; fi
systemctl unmask --runtime "$unit"
mkdir -p "$dropins" && printf '[Unit]\nAssertPathExists=!/\n' > "$dropins/$hold"
systemctl daemon-reload
if is_held; then exit 0; fi
rm -f "$mark" "$dropins/$hold"
exit 1
