"""An erl that outlives the line it was started over: kept by Erlang's own run_erl.

run_erl starts the erl on a pseudo-terminal of its own, in the background, and passes what goes in
and out through two pipes in a directory. Whoever attaches reads one and writes the other, until
the line drops or the erl ends. Its to_erl is not used: it takes the eighth bit off every key, and
^D for the wish to leave.

The directory is the service user's alone and has a name that is never used twice, so that
clearing one up can never meet another. Whoever watches from inside takes it away when the erl is
gone, however it ended.
"""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Sequence

from ejtui.platforms import Platform

NAME = ".ejtui-erl"
"""What the directories in the service user's home are called; a dot and the random part follow."""

_RANDOM = 4

# What run_erl runs: it waits for the line that whoever attaches sends, so that nothing the erl
# prints is missed, and becomes the erl. The watcher beside it lives as long as that process, and
# does not wait for ever for somebody to attach.
_INSIDE = (
    "stty -echo; e=$$; "
    "(trap '' HUP INT TERM; cd /; n=0; while kill -s 0 $e; do sleep 1; n=$((n + 1)); "
    "if [ $n -eq 60 ] && ! [ -f {place}/up ]; then kill -s KILL $e; fi; done; rm -rf {place}) "
    "</dev/null >/dev/null 2>&1 & "
    "echo $$ >{place}/new && mv {place}/new {place}/pid; "
    "read -r l; stty echo; : >{place}/up; exec {command}"
)

# $1 run_erl, $2 the directory, $3 what it runs. First, what earlier ones left when the machine
# went down. It closes as many files as it may open one by one, which takes minutes where that is
# a thousand millions.
_START = r"""
u=$(umask)
umask 077
for d in "${2%.*}".*; do
  kill -s 0 "$(cat "$d/pid")" || rm -rf "$d"
done 2>/dev/null
n=$(ulimit -n)
case $n in ???????*|unlimited) ulimit -S -n 65536;; esac
mkdir "$2" || exit
RUN_ERL_LOG_GENERATIONS=2 RUN_ERL_LOG_MAXSIZE=65536 "$1" -daemon "$2/" "$2" "umask $u; $3"
n=0
until [ -f "$2/pid" ] && [ -f "$2/erlang.log.1" ]; do
  n=$((n + 1))
  if [ $n -gt 1000 ]; then echo "run_erl did not start"; exit 1; fi
  sleep 0.01
done
k='\n'
shift
"""

# $1 the directory. Someone who hangs on a line that is gone is in the way, and is ended.
_AGAIN = r"""
umask 077
kill -s 0 "$(cat "$1/pid")" || exit
c=$(cat "$1/client" 2>/dev/null)
case $c in ''|*[!0-9]*) c=0;; esac
case $(ps -ww -o args= -p $c 2>/dev/null) in *"$1"*)
  g=$(ps -o pgid= -p $c | tr -d ' ')
  if [ "$g" = "$c" ]; then kill -s KILL -- -$c; else kill -s KILL $c; fi
  sleep 0.2;;
esac
for l in $(ls -tr "$1"/erlang.log.*); do sed '/^=====/d' "$l"; done | tail -c 16384
k=
"""

# $1 the directory, $k what is typed at once. run_erl answers the first ^L with a line of its own;
# until it is there, the pipe is held open from this side, or its end would come before its
# beginning.
_ATTACH = r"""
echo $$ >"$1/client"
exec 3<>"$1/erlang.pipe.1.r" 4<"$1/erlang.pipe.1.r" 5>"$1/erlang.pipe.1.w" 6<&0
s=$(stty size)
stty raw -echo
printf '\014\033_winsize=%s,%s\033\\'"$k" "${s#* }" "${s% *}" >&5
read -r l <&4
exec 3>&-
cat <&6 >&5 4<&- &
exec 6<&-
cat <&4 5>&-
kill $! 2>/dev/null
"""

# $1 the directory: the end of its erl. The watcher inside takes the directory away.
_END = r"""
p=$(cat "$1/pid" 2>/dev/null) || exit 0
kill -s HUP "$p"
n=0
while kill -s 0 "$p"; do
  n=$((n + 1))
  if [ $n -gt 20 ]; then kill -s KILL "$p"; break; fi
  sleep 0.1
done 2>/dev/null
exit 0
"""

# Ends the erl when for so many seconds no ejtui has been connected to it, unless the schema is
# being changed, which is what a copy under way is.
_WATCH = (
    "spawn(fun()->(fun W(Since)->"
    "receive after 1000->ok end,Now=erlang:monotonic_time(second),"
    'Here=[N||N<-nodes(hidden),lists:prefix("ejtui_",atom_to_list(N))],'
    "Locks=try mnesia:system_info(held_locks) catch _:_->[] end,"
    "Busy=[L||L<-Locks,element(1,element(1,L))=:=schema],"
    "if Here=/=[];Busy=/=[]->W(Now);Now-Since<%d->W(Since);true->init:stop() end end)"
    "(erlang:monotonic_time(second)) end)."
)


def watched(argv: Sequence[str], seconds: int) -> tuple[str, ...]:
    """The erl `argv`, which ends by itself when no ejtui has been there for so long."""
    return (*argv, "-eval", _WATCH % seconds)


def new_place(platform: Platform) -> str:
    """A directory for an erl that is to be kept."""
    return f"{platform.home}/{NAME}.{secrets.token_hex(_RANDOM)}"


def keeping(run_erl: str, place: str, argv: Sequence[str]) -> tuple[str, ...]:
    """What starts `argv` below `place` and attaches to it, on a terminal of the right size."""
    inside = _INSIDE.format(place=shlex.quote(place), command=shlex.join(argv))
    return ("/bin/sh", "-c", _START + _ATTACH, "ejtui", run_erl, place, inside)


def attaching(place: str) -> tuple[str, ...]:
    """What attaches to the erl below `place`, after showing what it printed last."""
    return ("/bin/sh", "-c", _AGAIN + _ATTACH, "ejtui", place)


def ending(place: str) -> tuple[str, ...]:
    """What ends the erl below `place`."""
    return ("/bin/sh", "-c", _END, "ejtui", place)


def size(columns: int, rows: int) -> bytes:
    """What tells run_erl a new size; it goes in among the keys, and the erl does not see it."""
    return b"\x1b_winsize=%d,%d\x1b\\" % (columns, rows)
