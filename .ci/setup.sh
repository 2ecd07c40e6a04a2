# shellcheck shell=sh
# What .ci/try and tests/run.sh share: Debian packages, and ejtui in a virtual environment of the
# clone's own. Sourced, in the clone's root directory.

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "this needs root, and there is no sudo here: $*" >&2
        return 1
    fi
}

# Installs those of the Debian packages that are not there; nothing is started by it.
packages() {
    command -v dpkg-query >/dev/null || return 0
    missing=
    for package in "$@"; do
        case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
        *' installed') ;;
        *) missing="$missing $package" ;;
        esac
    done
    [ -n "$missing" ] || return 0
    say "installing$missing"
    # policy-rc.d is Debian's way to say that no service starts; a machine's own one stays.
    policy=/usr/sbin/policy-rc.d
    made=
    if [ ! -e "$policy" ]; then
        made=yes
        printf '#!/bin/sh\nexit 101\n' | as_root sh -c "cat >$policy && chmod 755 $policy"
    fi
    code=0
    # shellcheck disable=SC2086 # the names are words
    apt_install $missing || { as_root apt-get update -qq && apt_install $missing; } || code=$?
    [ -z "$made" ] || as_root rm -f "$policy"
    return "$code"
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@" </dev/null >&2
}

# Makes .venv with ejtui and the extras named ('' or '[test]'), unless it is there and as wanted.
environment() {
    # Debian parts venv from Python: without ensurepip there is no pip to install with.
    python3 -c 'import ensurepip' 2>/dev/null || packages python3 python3-venv
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
        echo "ejtui needs Python 3.11 or newer; this is $(python3 --version)" >&2
        return 1
    }
    stamp=".venv/installed$1"
    [ "$(cat "$stamp" 2>/dev/null)" = "$(cksum pyproject.toml)" ] && return
    say "installing ejtui$1 in .venv"
    [ -x .venv/bin/pip ] || python3 -m venv .venv
    # The pip of Debian 12 would warn of a dependency that has no wheel unless told so.
    .venv/bin/pip install --quiet --use-pep517 --editable ".$1"
    cksum pyproject.toml >"$stamp"
}
