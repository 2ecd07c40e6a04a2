# shellcheck shell=sh
# Run in a host's namespaces, once: lays the host's root out at /run/host. $1 is the release's root,
# which is only read; $2 is what `ip -batch` is given; a tar with the host's own files comes by
# standard input. What is mounted is seen in no other namespace.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/lower /run/upper /run/work /run/host
# Bound first, so that the path may hold what overlay's options may not.
mount --bind "$1" /run/lower
mount -t overlay -o lowerdir=/run/lower,upperdir=/run/upper,workdir=/run/work overlay /run/host
# A file system of its own, so that a test may fill it; what is on it outlives a loss of power.
mount -t tmpfs -o mode=755,size=50% tmpfs /run/host/var/lib/ejabberd
rm -rf /run/host/etc/ssh/ssh_host_* /run/host/etc/ejabberd
tar -x -p --same-owner --numeric-owner --exclude=run -C /run/host
# Nobody needs a login on the console.
for unit in console-getty.service getty.target; do
    ln -s /dev/null "/run/host/etc/systemd/system/$unit"
done
# ejabberd starts at boot from the second boot on: at the first one it has no database yet.
rm -f /run/host/etc/systemd/system/multi-user.target.wants/ejabberd.service
ip -batch - <<END
$2
END
