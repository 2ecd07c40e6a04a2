# Takes the assignments of those names out of ejabberdctl, in their order; `names` is a pattern of
# them. An indented one stands in an `if` that asks whether it is set. One behind tests stays as it
# is, such as where Mnesia's files are for who has upgraded; so does the line that reads the
# configuration file. What is exported is assigned.
BEGIN { n = "(" names ")" }
$0 ~ "^" n "=" { print; next }
$0 ~ "^[ \t]+" n "=" {
  sub(/^[ \t]+/, ""); name = $0; sub(/=.*/, "", name)
  print "[ -n \"${" name "-}\" ] || " $0; next
}
$0 ~ "^: *\"?[$][{]" n ":?=" { print; next }
$0 ~ "^([[] [^];|&]+ []] *&& *)+" n "=" { print; next }
$0 ~ "^export " n "=" { sub(/^export /, ""); print; next }
/(^|[ \t])[.] +"?[$][{]?[A-Z_]+[}]?"?[ \t]*$/ {
  sub(/^(.*[ \t])?[.] +/, ""); print "read_cfg " $0
}
