# shellcheck shell=sh
# Run in a host's namespaces: boots what lies at /run/host. $1 is the host's name; its cgroups follow,
# up to a --. They are entered first, since every systemd must have one of its own.
name=$1
shift
while [ "$1" != -- ]; do
    mkdir -p "$1"
    echo 0 >"$1/cgroup.procs"
    shift
done
export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
exec systemd-nspawn --quiet --boot --directory=/run/host --machine="$name" \
    --capability=CAP_NET_ADMIN --register=no --keep-unit --network-namespace-path=/proc/1/ns/net \
    --resolv-conf=off --timezone=off --link-journal=no
