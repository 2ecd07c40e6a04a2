# shellcheck shell=sh
# Puts the words together again that login_line() made, and runs them. Words start with p (plain) or e
# (escaped), in capitals when the next word goes on with the same argument. The dot keeps a trailing
# newline from being stripped. It stands in single quotes on one line: no quote, no ! may be in it.
a=;
for w do
  shift;
  case $w in
    [eE]*) v=$(printf %b. "${w#?}"); v=${v%.};;
    *) v=${w#?};;
  esac;
  a=$a$v;
  case $w in [pe]*) set -- "$@" "$a"; a=;; esac;
done;
exec "$@"
