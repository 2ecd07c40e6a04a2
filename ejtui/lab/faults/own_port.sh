# shellcheck shell=sh
# Prints the port from which the VM of the user $1 has connected to port $2.
pid=$(pgrep -u "$1" beam)
ss -tnpH "dport = :$2" | grep "pid=$pid," | awk '{print $4}' | sed 's/.*://'
