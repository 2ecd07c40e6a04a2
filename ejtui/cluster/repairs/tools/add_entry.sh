# shellcheck shell=sh
# Adds a line with the address $3 and the name $4 to the hosts file $2, where no line has both, and
# takes the name from lines with an address that is not its: 127.*, ::1, and those in $5. A line
# without another name becomes a comment. $1 is "look" (prints whether that changes anything, and
# whether cloud-init makes the file again at each boot) or "add". Nothing of the file is printed. $6
# is write.sh, which gets the rest.
how=$1 real=$2 address=$3 name=$4 own=$5 write=$6
shift 6
change() {
  address=$address name=$name own=$own LC_ALL=C awk '
    BEGIN { address = ENVIRON["address"]; name = tolower(ENVIRON["name"]); own = " " ENVIRON["own"] " " }
    {
      line = $0
      comment = ""
      if (at = index(line, "#")) { comment = " " substr(line, at); line = substr(line, 1, at - 1) }
      gsub(/\r/, " ", line)
      count = split(line, words)
      named = 0
      others = ""
      for (n = 2; n <= count; n++)
        if (tolower(words[n]) == name) named = 1; else others = others " " words[n]
      its_own = words[1] ~ /^127[.]/ || words[1] == "::1" || index(own, " " words[1] " ")
      if (named && words[1] == address) there = 1
      else if (named && its_own) {
        taken = 1
        print others == "" ? "#" $0 : words[1] "\t" substr(others, 2) comment
        next
      }
      print
    }
    END { if (!there) print address "\t" ENVIRON["name"]; exit there && !taken }' <"$real"
}
if [ "$how" = look ]; then
  if change >/dev/null; then echo missing; fi
  # What cloud-init writes into a file that it makes: there its template counts.
  if grep -q "'manage_etc_hosts' as True" "$real"; then echo cloud-init; fi
  exit 0
fi
size=$(change | wc -c)
change | /bin/sh -c "$write" write "$real" "$((size))" "$@"
