# shellcheck shell=sh
# shellcheck disable=SC2016 # the inner shell expands it
# Waits until the host $1 answers. The kernel calls a link up before it carries; an answer of the
# other host's sshd is what counts.
until timeout 3 bash -c ': < "/dev/tcp/$1/22"' bash "$1" 2>/dev/null; do sleep 0.02; done
