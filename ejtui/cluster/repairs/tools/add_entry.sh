# shellcheck shell=sh
# Adds a line with the address $3 and the name $4 to the hosts file $2, where no line has both. $1 is
# "look" (prints whether it is missing) or "add". Nothing of the file is printed. $5 is write.sh,
# which gets the rest.
how=$1 real=$2 address=$3 name=$4 write=$5
shift 5
change() {
  address=$address name=$name LC_ALL=C awk '
    BEGIN { address = ENVIRON["address"]; name = ENVIRON["name"] }
    {
      print
      line = $0
      sub(/#.*/, "", line)
      count = split(line, words)
      if (words[1] == address) for (n = 2; n <= count; n++) if (words[n] == name) there = 1
    }
    END { if (!there) print address "\t" name; exit there }' <"$real"
}
if [ "$how" = look ]; then
  if change >/dev/null; then echo missing; fi
  exit 0
fi
size=$(change | wc -c)
change | /bin/sh -c "$write" write "$real" "$((size))" "$@"
