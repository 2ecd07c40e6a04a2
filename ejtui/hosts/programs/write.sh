# shellcheck shell=sh
# shellcheck disable=SC2154 # base is guard.sh's, which comes in front
# Replaces the file $1 with the $2 bytes of standard input, owned by $3 where it says so, of mode $4.
# The byte count tells a torn transfer from a whole one; `sync FILE` is fsync on GNU, and where it
# takes no file it syncs everything. A symbolic link stays one: its target is replaced.
p=$1 n=$2 o=$3 m=$4
if [ "$(id -u)" = 0 ]; then
  enter_roots "$p"
  p=./$base
fi
if [ -h "$p" ]; then p=$(readlink -f "$p") || exit 1; fi
if [ -d "$p" ]; then
  echo "$p is a directory" >&2
  exit 1
fi
d=$(dirname "$p.")
umask 077
t=$(mktemp "$d/.ejtui.XXXXXXXXXX") || exit 1
trap 'rm -f "$t"' 0
trap 'exit 1' 1 2 15
cat >"$t" || exit 1
got=$(wc -c <"$t")
if [ "$got" -ne "$n" ]; then
  echo "only $got of $n bytes arrived" >&2
  exit 1
fi
if [ -n "$o" ]; then
  case $o in
  *:*) ;;
  *)
    g=$(id -gn "$o") || exit 1
    o=$o:$g
    ;;
  esac
  chown "$o" "$t" || exit 1
fi
chmod "$m" "$t" || exit 1
sync "$t" 2>/dev/null || sync
mv -f "$t" "$p" || exit 1
sync "$d" 2>/dev/null || sync
