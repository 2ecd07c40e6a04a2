# shellcheck shell=sh
# Ends the process group of $2 with signal $1, and kills it when it is still there 2 s later. A dead
# process whose parent does not look (some containers' first process) counts as gone.
group() { ps -o pgid= -p "$1" 2>/dev/null | tr -d ' '; }
alive() {
  kill -s 0 -- "$t" 2>/dev/null || return 1
  case $t in -*) ;; *) return 0 ;; esac
  ps -A -o pgid= -o stat= |
    awk -v g="$g" '$1 == g && $2 !~ /^Z/ { found = 1 } END { exit !found }'
}
g=$(group "$2") t=$2
case $g in '' | 0 | 1 | "$(group $$)") ;; *) t=-$g ;; esac
kill -s "$1" -- "$t" 2>/dev/null
n=0
while alive; do
  n=$((n + 1))
  if [ "$n" -gt 15 ]; then
    kill -s KILL -- "$t" 2>/dev/null
    exit 0
  fi
  sleep 0.1
done
