# shellcheck shell=sh
# shellcheck disable=SC2094,SC2154 # the pipe is opened both ways; k is keep_start.sh's, keep_again.sh's
# Attaches to the erl. $1 the directory, $k what is typed at once. run_erl answers the first ^L with
# a line; until it is there, the pipe is held open from this side, or its end would come before its
# beginning. busybox's cat has the kernel copy from a terminal, which hangs on some: dd reads.
echo $$ >"$1/client"
exec 3<>"$1/erlang.pipe.1.r" 4<"$1/erlang.pipe.1.r" 5>"$1/erlang.pipe.1.w" 6<&0
s=$(stty size)
stty raw -echo
# shellcheck disable=SC1003,SC2059 # the octal 033 and a backslash end a terminal's string; k is ours
printf '\014\033_winsize=%s,%s\033\\'"$k" "${s#* }" "${s% *}" >&5
read -r _ <&4
exec 3>&-
dd bs=65536 <&6 >&5 4<&- 2>/dev/null &
exec 6<&-
dd bs=65536 <&4 5>&- 2>/dev/null
kill $! 2>/dev/null
