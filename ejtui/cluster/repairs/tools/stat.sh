# shellcheck shell=sh
# Prints where the link $1 leads, and the owner and mode of what is there, on Linux and the BSDs.
f=$(readlink -f "$1")
echo "$f"
case $(uname -s) in
Linux) stat -c "%u:%g %a" "$f" ;;
*) stat -f "%u:%g %Lp" "$f" ;;
esac
