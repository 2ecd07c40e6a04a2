# shellcheck shell=sh
# Run in a host's namespaces, where it replaces the root of every process there is and will be.
# $1 is the other system's root; it is only read. What is mounted is seen in no other namespace.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/lower /run/upper /run/work /run/root
# Bound first, so that the path may hold what overlay's options may not.
mount --bind "$1" /run/lower
mount -t overlay -o lowerdir=/run/lower,upperdir=/run/upper,workdir=/run/work overlay /run/root
mount -t proc proc /run/root/proc
mount --rbind /dev /run/root/dev
mount --rbind /sys /run/root/sys
cd /run/root || exit
pivot_root . .
umount -l .
