# Hides the cookie in an erl's arguments: what follows -setcookie, up to the next option. With
# `across` an option's words may go on in the next line, as in vm.args.
{
  if (!across) hidden = 0
  rest = $0; out = ""
  while (match(rest, /[^ \t]+/)) {
    word = substr(rest, RSTART, RLENGTH)
    out = out substr(rest, 1, RSTART - 1)
    rest = substr(rest, RSTART + RLENGTH)
    bare = word
    gsub(/["\047\\]/, "", bare)
    if (bare ~ /^[-+]/) hidden = bare ~ /^-setcookie/
    else if (hidden) word = "HIDDEN"
    out = out word
  }
  print out rest
}
