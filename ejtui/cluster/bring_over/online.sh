# shellcheck shell=sh
# Prints the online backups called $2 in the directories below $1, each with a NUL behind it.
for b in "$1"/*/"$2"; do if [ -f "$b" ]; then printf "%s\\0" "$b"; fi; done
