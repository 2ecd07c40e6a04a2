# shellcheck shell=sh
# What systemd reports of the unit $1, then the cgroups of the process $2 ("" for none).
wanted=ActiveState,SubState,NRestarts,ControlGroup,UnitFileState,LoadState,Result,TimeoutStartUSec,TimeoutStopUSec
systemctl show -p "$wanted" "$1"
if [ -n "$2" ]; then cat "/proc/$2/cgroup" 2>/dev/null || true; fi
