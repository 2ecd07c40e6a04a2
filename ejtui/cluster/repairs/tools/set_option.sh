# shellcheck shell=sh
# Changes what sets $1 in the file $2, for root or for its owner: nothing of it is printed. $3 is
# "last" (the last line that sets it becomes $4, which is added where there is none), "comment" (each
# becomes one), "unset" (that, and it is unset at the end of the file: something else gives it, too),
# "drop" (the last one goes) or "line" (prints the one that "last" would replace). A line that has more than the setting, goes on in the next one, or stands in an `if` or the like stays: what
# is behind it at the end of the file counts. $5 is write.sh, which gets the rest; without it "changes"
# is printed where the file would change.
name=$1 real=$2 how=$3 line=$4 write=$5
shift 5
change() {
  name=$name how=$how line=$line apart=$apart LC_ALL=C awk '
    # What of a line the shell reads as words, without what it has in quotes.
    function code(text, at) {
      if (marker != "") {
        at = text
        gsub(/^\t+|\r$/, "", at)
        if (at == marker) marker = ""
        return ""
      }
      if (quote != "") {
        at = index(text, quote)
        if (!at) return ""
        text = substr(text, at + 1); quote = ""
      }
      if (match(text, /<<-?[ \t]*["\047\\]?[A-Za-z0-9_]+/)) {
        marker = substr(text, RSTART, RLENGTH)
        gsub(/[^A-Za-z0-9_]/, "", marker)
      }
      gsub(/\\./, "", text)
      gsub(/"[^"]*"|\047[^\047]*\047/, "", text)
      sub(/(^|[ \t;])#.*/, "", text)
      if (match(text, /["\047]/)) {
        quote = substr(text, RSTART, 1)
        text = substr(text, 1, RSTART - 1)
      }
      return text
    }
    # How many blocks it opens, less those that it closes.
    function opens(text, words, count, n, sum) {
      count = split(text, words, /[ \t\r;&|()]+/)
      for (n = 1; n <= count; n++) {
        if (words[n] ~ /^(if|case|for|while|until|[{])$/) sum++
        if (words[n] ~ /^(fi|esac|done|[}])$/) sum--
      }
      return sum + (text ~ /[(][ \t\r]*$/) - (text ~ /^[ \t]*[)]/)
    }
    BEGIN {
      sets = "^[ \t]*((export|readonly)[ \t]+)?" ENVIRON["name"] "="; how = ENVIRON["how"]
      unset = "unset " ENVIRON["name"]
      named = "(^|[^A-Za-z0-9_${])" ENVIRON["name"] "([^A-Za-z0-9_]|$)"
      given = "[{]" ENVIRON["name"] ":?="
      exports = "^[ \t]*export([ \t]+[A-Za-z0-9_]+)+[ \t\r]*$"
      word = "([^] \t\r;&|<>()\"\047\\\\]|[]]|\"[^\"\\\\]*\"|\047[^\047]*\047)*"
    }
    {
      text[NR] = $0
      begins = quote == "" && marker == "" && !goes_on
      free = begins && !depth && !ENVIRON["apart"]
      words = code($0)
      depth += opens(words)
      if (depth < 0) depth = 0
      goes_on = $0 ~ /\\$/ || words ~ /(&&|[|])[ \t\r]*$/
      alone = begins && $0 ~ (sets word "[ \t\r]*(#.*)?$")
      if (free && !depth && alone) {
        last = NR
        if (how == "comment" || how == "unset") text[NR] = "#" $0
      } else if ($0 !~ /^[ \t]*#/ && $0 !~ exports && ($0 ~ named || $0 ~ given)) {
        # Something else that may set it.
        kept = $0; last = 0
      }
    }
    END {
      # In a file that the shell reads, no block is open there.
      if (alone) last = NR
      if (how == "line") { if (last) print text[last]; exit }
      if (how == "last") text[last ? last : ++NR] = ENVIRON["line"]
      if (how == "unset" && kept != unset) text[++NR] = unset
      if (how == "comment" && kept != "" && kept != unset) text[++NR] = unset
      for (n = 1; n <= NR; n++) if (how != "drop" || n != last) print text[n]
    }' <"$real"
}
reads() { sh -n 2>/dev/null; }
apart=
if [ "$how" = line ]; then
  change
  exit
fi
# A line may be the whole of a block in a way that is not seen here.
if reads <"$real" && ! change | reads; then apart=yes; fi
if [ -z "$write" ]; then
  if [ "$(change | cksum)" != "$(cksum <"$real")" ]; then echo changes; fi
  exit
fi
size=$(change | wc -c)
change | /bin/sh -c "$write" write "$real" "$((size))" "$@"
