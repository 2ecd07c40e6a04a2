# shellcheck shell=sh
# Prints the lines of the file $2 that set $1, and nothing else of it.
grep -E "^[[:space:]]*(export[[:space:]]+)?$1=" <"$2" || [ $? = 1 ]
