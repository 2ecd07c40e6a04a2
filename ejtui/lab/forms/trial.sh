# shellcheck shell=sh
# What the lab of two hosts does to a host and could be forbidden to do, in namespaces that end at once.
hostname trial
mount -t tmpfs tmpfs /tmp
mount -t devpts -o newinstance,gid=5 devpts /dev/pts
! command -v ip >/dev/null || ip link add type veth
chown 4242:4242 /tmp
chown 65534:65534 /tmp
