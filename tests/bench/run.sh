#!/bin/sh
# Measures every figure, also in a fresh clone: installs what they need, and prints one table.
# Arguments go to all.py: tests/bench/run.sh --accounts 1000000
set -eu
cd "$(dirname "$0")/../.."
. .ci/setup.sh

packages ejabberd openssh-server openssh-client sudo iproute2 nftables procps tmux
environment '[test]'
# Every start would compile all that it imports, which no installation does.
unset PYTHONDONTWRITEBYTECODE
exec .venv/bin/python tests/bench/all.py "$@"
