# shellcheck shell=sh
# Where systemd holds epmd's port, that unit stops, too; ejabberd, which needs it, runs on.
if systemctl -q is-active epmd.socket 2>/dev/null; then
    systemctl stop --job-mode=ignore-dependencies epmd.socket
fi
pkill -KILL -x epmd
