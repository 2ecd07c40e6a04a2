# shellcheck shell=sh
# shellcheck disable=SC2015 # either is a reason to go on
# $1 the place, $2 whether copies are made, then the files. What a name was, whose and with which
# mode, is listed beside the copies; a directory is only listed.
umask 077
place=$1 copies=$2
shift 2
mkdir -p "$place"
for file; do
    [ -e "$file" ] || continue
    ls -ldn "$file" >> "$place/owners.txt"
    [ -f "$file" ] && [ "$copies" = yes ] || continue
    copy=$place/$(basename "$file")
    [ ! -e "$copy" ] || continue
    cp -p "$file" "$copy"
    cmp "$file" "$copy"
done
