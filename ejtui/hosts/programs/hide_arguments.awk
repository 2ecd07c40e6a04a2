# Hides secrets in the command lines of processes, one a line: what follows -setcookie or another
# option with such a name up to the next option, a value with such a name before it, the value of
# erl's -env, what follows a word such as ejabberdctl's change_password, and who logs in in an address.
function is_secret(name) {
  return tolower(name) ~ /cookie|passw|passphrase|secret|token|credential|api_?key/
}
{
  hidden = 0; values = 0
  rest = $0; out = ""
  while (match(rest, /[^ \t]+/)) {
    word = substr(rest, RSTART, RLENGTH)
    out = out substr(rest, 1, RSTART - 1)
    rest = substr(rest, RSTART + RLENGTH)
    bare = word
    gsub(/["\047\\]/, "", bare)
    at = index(word, "=")
    if (at && is_secret(substr(word, 1, at))) {
      word = substr(word, 1, at) "HIDDEN"
      hidden = 0
    } else if (bare ~ /^[-+]/) {
      hidden = !at && is_secret(bare)
      values = bare == "-env" ? 2 : 0
    } else if (hidden || values == 1) word = "HIDDEN"
    else if (bare ~ /(password|^register)$/) hidden = 1
    if (values && bare !~ /^-/) values--
    sub(/:\/\/[^\/@]*@/, "://HIDDEN@", word)
    out = out word
  }
  print out rest
}
