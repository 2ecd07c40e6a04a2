# shellcheck shell=sh
# Takes -setcookie and its word out of the line $1 of the file $2, for root or for its owner: nothing
# of it is printed. A line with nothing else becomes a comment. $3 is write.sh, which gets the rest.
at=$1 real=$2 write=$3
shift 3
change() {
  at=$at LC_ALL=C awk '
    NR == ENVIRON["at"] && match($0, /-setcookie[ \t]+/) {
      before = substr($0, 1, RSTART - 1)
      after = substr($0, RSTART + RLENGTH)
      quote = substr(after, 1, 1)
      if (quote == "\"" || quote == "\047") {
        after = substr(after, 2)
        after = substr(after, index(after, quote) + 1)
      } else sub(/^[^ \t"\047]+/, "", after)
      $0 = before after
      if ($0 ~ /^[ \t]*$/) $0 = "#"
    }
    { print }' <"$real"
}
size=$(change | wc -c)
change | /bin/sh -c "$write" write "$real" "$((size))" "$@"
