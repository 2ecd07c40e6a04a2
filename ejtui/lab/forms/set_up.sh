# shellcheck shell=sh
# Lays a host out in its namespaces. $1 is its name, $2 what `ip -batch` is given; standard input is
# an archive of its files. Everything that a host must not share becomes its own: a copy of /etc, and
# empty directories. Nothing of this computer's is written: every mount is in the host's namespace.
hostname "$1"
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /tmp
cp -a /etc/. /tmp/ 2>/dev/null || true
rm -rf /tmp/ejabberd /tmp/ssh/ssh_host_* /tmp/ssh/sshd_config.d /tmp/sudoers.d
mount --move /tmp /etc
for directory in /root /home /var/log /var/lib/ejabberd /var/tmp /dev/shm /tmp; do
    mount -t tmpfs -o mode=755 tmpfs "$directory"
done
chmod 1777 /tmp /var/tmp /dev/shm
if [ "$(stat -c %u /usr/bin/sudo)" != 0 ]; then
    # In a user namespace this computer's root is nobody, and sudo and doas insist on root's files.
    chown -R 0:0 /etc
    mkdir /run/own
    for path in /usr/bin/sudo /usr/bin/doas /usr/libexec/sudo /usr/lib/sudo; do
        [ -e "$path" ] || continue
        cp -r "$path" "/run/own/$(echo "$path" | tr / _)"
        chown -R 0:0 /run/own
        mount --bind "/run/own/$(echo "$path" | tr / _)" "$path"
    done
    chmod 4755 /usr/bin/sudo
    [ ! -e /usr/bin/doas ] || chmod 4755 /usr/bin/doas
fi
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts /dev/pts
mount --bind /dev/pts/ptmx /dev/ptmx
tar -x -p --same-owner -C /
ip -batch - <<END
$2
END
/usr/sbin/sshd
