# shellcheck shell=sh
# Starts the erl $2 of the user $1, which runs $3; standard input is its cookie. It calls both nodes
# again and again as a monitoring node does.
umask 077
cat > "/home/$1/.erlang.cookie"
chmod 400 "/home/$1/.erlang.cookie"
chown "$1:" "/home/$1/.erlang.cookie"
cd "/home/$1" || exit
exec setpriv --reuid="$1" --regid="$1" --init-groups env HOME="/home/$1" \
    erl -detached -sname "$2" +S 1 +sbwt none +sbwtdcpu none +sbwtdio none -eval "$3"
