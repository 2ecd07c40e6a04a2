# Hides, in options of erl as ERL_OPTIONS or vm.args has them, what ejtui has no use for: it may be a
# secret. The words of an option may go on in the next line. Of -ssl_dist_opt the words before a
# password stay. A comment goes.
BEGIN {
  split("name sname proto_dist ssl_dist_opt ssl_dist_optfile erl_epmd_port start_epmd kernel " \
    "mnesia boot boot_var dist_listen args_file", names, " ")
  for (n in names) shown["-" names[n]] = 1
  hidden = 1
}
{
  rest = $0; out = ""
  while (match(rest, /[^ \t]+/)) {
    word = substr(rest, RSTART, RLENGTH)
    if (word ~ /^#/) { rest = ""; break }
    out = out substr(rest, 1, RSTART - 1)
    rest = substr(rest, RSTART + RLENGTH)
    bare = word
    gsub(/["\047\\]/, "", bare)
    if (bare ~ /^[+]/) hidden = 0
    else if (bare ~ /^-/) hidden = !(bare in shown)
    else if (hidden) word = "HIDDEN"
    else if (bare ~ /password$/) hidden = 1
    out = out word
  }
  print out rest
}
