# shellcheck shell=sh
# Prints the rules of nftables as JSON, without what people wrote into comments and prefixes of logs,
# but for ejtui's own comment, $1.
rules=$(nft -j -a list ruleset) || exit
printf '%s\n' "$rules" | OURS=$1 awk '
  BEGIN { text = "\"([^\"\\\\]|\\\\.)*\""; ours = "\"" ENVIRON["OURS"] "\"" }
  {
    rest = $0; out = ""
    while (match(rest, "\"(comment|prefix)\": *" text)) {
      found = substr(rest, RSTART, RLENGTH)
      out = out substr(rest, 1, RSTART - 1)
      rest = substr(rest, RSTART + RLENGTH)
      key = found
      sub("^\"(comment|prefix)\": *", "", found)
      out = out substr(key, 1, length(key) - length(found)) (found == ours ? found : "\"HIDDEN\"")
    }
    print out rest
  }'
