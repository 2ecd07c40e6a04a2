# shellcheck shell=sh
# shellcheck disable=SC2034 # openrc.sh has the rest
# Gentoo's package, without systemd.
id=gentoo
