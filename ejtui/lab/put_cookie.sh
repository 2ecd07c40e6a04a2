# shellcheck shell=sh
# Replaces the cookie file $1 with standard input.
cat > "$1.new"
chmod 400 "$1.new"
chown --reference="$(dirname "$1")" "$1.new"
mv -f "$1.new" "$1"
