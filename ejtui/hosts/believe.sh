# shellcheck shell=sh
# Prints those of the paths "$@" that root alone may change.
for p; do if believed "$p"; then printf "%s\n" "$p"; fi; done
