# shellcheck shell=sh
# Changes what sets $1 in the file $2, for root or for its owner: nothing of it is printed. $3 is
# "last" (the last line that sets it becomes $4, which is added where there is none), "comment" (each
# becomes one) or "drop" (the last one goes). A line that has more than the setting, or goes on in the
# next one, stays: what is behind it at the end of the file counts. $5 is write.sh, which gets the
# rest.
name=$1 real=$2 how=$3 line=$4 write=$5
shift 5
change() {
  name=$name how=$how line=$line LC_ALL=C awk '
    BEGIN {
      sets = "^[ \t]*(export[ \t]+)?" ENVIRON["name"] "="; how = ENVIRON["how"]
      unset = "unset " ENVIRON["name"]
      word = "([^] \t\r;&|<>()\"\047\\\\]|[]]|\"[^\"\\\\]*\"|\047[^\047]*\047)*"
    }
    {
      text[NR] = $0
      if ($0 ~ sets) {
        last = NR
        alone = $0 ~ (sets word "[ \t\r]*(#.*)?$")
        if (how == "comment" && alone) text[NR] = "#" $0
        if (!alone) kept = 1
      }
    }
    END {
      if (how == "last") text[last && alone ? last : ++NR] = ENVIRON["line"]
      if (how == "comment" && kept && text[NR] != unset) text[++NR] = unset
      for (n = 1; n <= NR; n++) if (how != "drop" || n != last) print text[n]
    }' <"$real"
}
size=$(change | wc -c)
change | /bin/sh -c "$write" write "$real" "$((size))" "$@"
