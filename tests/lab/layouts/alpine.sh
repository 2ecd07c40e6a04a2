# shellcheck shell=sh
# shellcheck disable=SC2034 # openrc.sh has the rest
# Alpine's package.
id=alpine
