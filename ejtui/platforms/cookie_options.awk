# The lines of a file that give a cookie to erl, comments aside: the number of the line with the
# option, the cookie, which may be in a later line, and the cookie with the quotes around it. An option
# with two words gives another node's.
function bare(word) {
  gsub(/^["\047\\]+|["\047\\;}]+$/, "", word)
  return word
}
# Whether a word ends what its line has in quotes.
function closes(word) {
  gsub(/"[^"]*"|\047[^\047]*\047/, "", word)
  return word ~ /["\047][;}]*$/
}
function end_option() {
  if (words == 1 && cookie != "") print at, cookie, whole
  at = 0
}
/^[ \t]*[#;]/ { next }
{
  rest = $0
  gsub(/\r/, " ", rest)
  sub(/[ \t]*\\*[ \t]*$/, "", rest)
  while (match(rest, /[^ \t]+/)) {
    word = substr(rest, RSTART, RLENGTH)
    rest = substr(rest, RSTART + RLENGTH)
    if (at && (bare(word) ~ /^[-+#]/ || word ~ /^#/)) end_option()
    if (word ~ /-setcookie["\047\\]*$/) {
      at = NR; words = 0
    } else if (at) {
      if (++words == 1) { cookie = bare(word); whole = word }
      if (closes(word)) end_option()
    }
  }
  if (at && words) end_option()
}
