# The lines of a file that give a cookie to erl, comments aside: the line's number and the cookie.
/^[ \t]*[#;]/ { next }
{
  at = match($0, /-setcookie["\047\\]*[ \t]+/)
  if (!at) next
  rest = substr($0, at + RLENGTH)
  sub(/[ \t].*/, "", rest)
  gsub(/["\047\\;}]/, "", rest)
  if (rest != "") print NR, rest
}
