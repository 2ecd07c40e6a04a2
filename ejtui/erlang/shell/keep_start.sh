# shellcheck shell=sh
# shellcheck disable=SC2034 # k is keep_attach.sh's
# Starts what is to be kept. $1 run_erl, $2 the directory, $3 what run_erl runs. First it removes
# what earlier ones left when the host went down. run_erl closes as many files as it may open one by
# one, which takes minutes where that is a thousand millions.
u=$(umask)
umask 077
for d in "${2%.*}".*; do
  kill -s 0 "$(cat "$d/pid")" || rm -rf "$d"
done 2>/dev/null
# shellcheck disable=SC3045 # every shell of Linux and the BSDs has these two
n=$(ulimit -n)
# shellcheck disable=SC3045,SC2221,SC2222 # the words are for people
case $n in ???????* | unlimited) ulimit -S -n 65536 ;; esac
mkdir "$2" || exit
RUN_ERL_LOG_GENERATIONS=2 RUN_ERL_LOG_MAXSIZE=65536 "$1" -daemon "$2/" "$2" "umask $u; $3"
n=0
until [ -f "$2/pid" ] && [ -f "$2/erlang.log.1" ]; do
  n=$((n + 1))
  if [ $n -gt 1000 ]; then
    echo "run_erl did not start"
    exit 1
  fi
  sleep 0.01
done
k='\n'
shift
