# shellcheck shell=sh
# The service of systemd that the process $1 belongs to: "systemd" for its own, "user" for a user's
# service. A scope is a login's, and what is in it is nobody's service.
[ -d /run/systemd/system ] || exit 0
if [ "$1" = 1 ]; then echo systemd; exit 0; fi
grep -q '/user@' "/proc/$1/cgroup" && { echo user; exit 0; }
sed -n 's|.*/\([^/]*\.service\)$|\1|p' "/proc/$1/cgroup" | head -n 1
