# NAME=VALUE, a line each, of a file as systemd's EnvironmentFile= takes it; with `shown` of the words
# that systemctl shows. A new line within a value becomes a blank.
function put(char) {
  if (char == "\n") char = " "
  word = word pending char; pending = ""
}
function end_word() {
  if (word ~ /^[A-Za-z_][A-Za-z0-9_]*=/) print word
  word = ""; pending = ""; quote = ""; plain = 0
}
# The first characters of a line: its name up to the =, without blanks around it.
function line_begins() {
  rest = substr(text, i)
  sub(/^[ \t\r\n]+/, "", rest)
  i = length(text) - length(rest) + 1
  if (rest == "") return
  if (rest ~ /^[#;]/ || !match(rest, /^[^=\n]*=/)) {
    if (!match(rest, /^[^\n]*/)) return
    i += RLENGTH
    return
  }
  word = substr(rest, 1, RLENGTH)
  sub(/[ \t]+=$/, "=", word)
  i += RLENGTH
}
{ text = text (NR > 1 ? "\n" : "") $0 }
END {
  size = length(text)
  for (i = 1; i <= size; i++) {
    if (!shown && word == "") {
      line_begins()
      if (word == "") continue
    }
    c = substr(text, i, 1)
    if (quote != "") {
      after = substr(text, i + 1, 1)
      if (c == quote) quote = ""
      else if (c == "\\" && quote == "\"" && after == "\n") i++
      else if (c == "\\" && quote == "\"" && index("\"\\$`", after)) { put(after); i++ }
      else put(c)
    } else if (c == "\n" || (shown && c == " ")) end_word()
    else if ((c == "\"" || c == "\047") && !plain) quote = c
    else if (c == "\\") {
      c = substr(text, ++i, 1)
      plain = !shown
      if (c != "\n") put(c)
    } else if (!shown && c ~ /[ \t\r]/) {
      if (plain) pending = pending c
    } else { plain = !shown; put(c) }
  }
  end_word()
}
