# shellcheck shell=sh
# ours PATTERN: the processes of that command line that are this lab's. Hosts that share this
# computer's processes have the lab's mark in their environment.
ours() {
    for pid in $(pgrep -f "$1"); do
        mark="EJTUI_LAB=${EJTUI_LAB-}"
        if [ "$mark" = EJTUI_LAB= ] || grep -qaxzF "$mark" "/proc/$pid/environ"; then
            echo "$pid"
        fi
    done
}

# ended LOG SIZE PATTERN: ejabberd was started (the log is longer than that), and its VM is gone or
# waits for its dump.
ended() {
    [ "$(stat -c %s "$1")" -gt "$2" ] && { [ -z "$(ours "$3")" ] ||
        tail -c "+$(($2 + 1))" "$1" | grep -q "FATAL"; }
}
