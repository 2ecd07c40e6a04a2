# shellcheck shell=sh
# Runs the line $2 as the user $1, with su, which is spelled differently everywhere. Linux's -c would
# take the terminal away (no Ctrl-C, no resize), so root steps down with runuser and others use
# --session-command; FreeBSD's -s is something else, and -m makes it use a shell although the service
# user has none.
case $(uname -s) in
  Linux)
    if [ "$(id -u)" = 0 ] && command -v runuser >/dev/null;
      then exec runuser -u "$1" -- /bin/sh -c "$2"; fi;
    exec su -s /bin/sh "$1" --session-command "$2";;
  FreeBSD) exec su -m "$1" -c "$2";;
  *) exec su -s /bin/sh "$1" -c "$2";;
esac
