# Run in a host's namespaces: boots what lies at /run/host. $1 is the host's name; the cgroups that
# are named after it are entered first, since every systemd must have one of its own.
for hierarchy in systemd unified; do
    mkdir -p "/sys/fs/cgroup/$hierarchy/$2"
    echo 0 >"/sys/fs/cgroup/$hierarchy/$2/cgroup.procs"
done
export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
exec systemd-nspawn --quiet --boot --directory=/run/host --machine="$1" \
    --register=no --keep-unit --network-namespace-path=/proc/1/ns/net \
    --resolv-conf=off --timezone=off --link-journal=no
