# shellcheck shell=sh
# shellcheck disable=SC2154 # what guard.sh sets, which comes in front, and fixed.sh after it
# Names those of the files "$@" that an attribute keeps from being changed. A way by a link that
# others than root could have made is not gone.
for p; do
  (
    enter "${p%/*}/" 2>/dev/null
    [ -h "./${p##*/}" ] || by_flags "./${p##*/}" "$p"
  )
done
