#!/bin/sh
# Installs what the tests need, and runs them all: style, types, layers, tests. Nothing of the
# machine's own ejabberd is touched. Arguments go to pytest: tests/run.sh -m "not lab"
set -eu
cd "$(dirname "$0")/.."
. .ci/setup.sh

# Without root the tests that need these packages say so.
packages ejabberd screen openssh-server openssh-client sudo opendoas iproute2 nftables procps \
    tmux tcsh mksh zsh fish man-db mmdebstrap systemd-container shellcheck erlang-tools || say "going on without them"
environment '[test]'

export PYTHONUTF8=1
.venv/bin/ruff format --check .
.venv/bin/ruff check .
.venv/bin/mypy
.venv/bin/lint-imports

# A minute of broken lines in what keeps data; all of them: python -m tests.mutations
.venv/bin/python -m tests.mutations --seconds 55 --only-first

# Real nodes mostly wait for each other: two workers more than cores, each with a lab of its own.
exec .venv/bin/pytest -n $(($(getconf _NPROCESSORS_ONLN) + 2)) --dist worksteal \
    -m "not catalogue" "$@"
