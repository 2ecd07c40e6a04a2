# shellcheck shell=sh
# On a terminal that it makes raw, gives the program "$@" pipes; $1 is the token of its marks. A frame
# is short, so that the pipe takes it in one piece, whatever else is written meanwhile. The program
# outlives the terminal's hang-up, as it does where there is none; the relay does not. It ends in dd:
# busybox's cat has the kernel copy, which hangs on some at a terminal.
t=$1
shift
stty raw -echo || exit 1
exec 2>/dev/null
while IFS= read -r l && [ "$l" != . ]; do printf %b "${l#=}"; done | {
  {
    (
      trap "" HUP
      exec "$@"
    ) 2>&1 >&3 3>&-
    printf 'ejtui-%s-x%s\n' "$t" $?
  } | (
    LC_ALL=C
    while IFS= read -r l || [ -n "$l" ]; do
      while [ ${#l} -gt 400 ]; do
        p=$(printf %.400s "$l")
        printf 'ejtui-%s-n%s\n' "$t" "$p"
        l=${l#"$p"}
      done
      printf 'ejtui-%s-e%s\n' "$t" "$l"
    done
  )
} 3>&1 | dd bs=65536
