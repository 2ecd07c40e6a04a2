# shellcheck shell=sh
# Takes -setcookie in the line $1 of the file $2 out, with its word, which may be in a later line; an
# option that gives another node's cookie stays. For root or for the file's owner: nothing of it is
# printed. $3 is write.sh, which gets the rest.
at=$1 real=$2 write=$3
shift 3
change() {
  at=$at LC_ALL=C awk '
    function of_node(after) {
      return after ~ /^["\047]?[^ \t"\047]+@[^ \t"\047]+["\047]?[ \t]+["\047]?[A-Za-z0-9_]/
    }
    function without_word(after, quote) {
      quote = after ~ /^\\["\047]/ ? substr(after, 1, 2) : substr(after, 1, 1)
      if (quote !~ /["\047]/) { sub(/^[^ \t\r"\047]+/, "", after); return after }
      after = substr(after, length(quote) + 1)
      return substr(after, index(after, quote) + length(quote))
    }
    # Takes the word out behind what `before` has, or leaves it to a later line.
    function take(before, after) {
      waits = after ~ /^[ \t\r\\]*$/
      $0 = before (waits ? after : without_word(after))
      if ($0 ~ /^[ \t]*\r?$/) gsub(/[ \t]/, "")
    }
    NR == ENVIRON["at"] {
      before = ""; rest = $0
      while (match(rest, /-setcookie["\047\\]*([ \t]+|\r?$)/)) {
        option = substr(rest, RSTART, RLENGTH)
        before = before substr(rest, 1, RSTART - 1)
        rest = substr(rest, RSTART + RLENGTH)
        if (of_node(rest)) { before = before option; continue }
        quote = substr(option, 11, 1)
        if (quote ~ /["\047]/ && substr(before, length(before)) == quote)
          before = substr(before, 1, length(before) - 1)
        take(before, rest)
        break
      }
      print; next
    }
    waits && !/^[ \t]*[#;]/ && !/^[ \t\r\\]*$/ {
      match($0, /^[ \t]*/)
      take(substr($0, 1, RLENGTH), substr($0, RLENGTH + 1))
    }
    { print }' <"$real"
}
size=$(change | wc -c)
change | /bin/sh -c "$write" write "$real" "$((size))" "$@"
