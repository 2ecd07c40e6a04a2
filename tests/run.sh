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
.venv/bin/lint-imports
# Beside the next one: each keeps one core busy. Pytest compiles the tests once here, or each of its
# workers would do so; what it finds wrong it reports below.
unset PYTHONDONTWRITEBYTECODE
{ .venv/bin/mypy && { .venv/bin/pytest --collect-only -q >/dev/null 2>&1 || true; }; } &

# Most of a minute of broken lines in what keeps data; all of them: python -m tests.mutations
.venv/bin/python -m tests.mutations --seconds 50 --only-first
wait $!

# Real nodes mostly wait for each other: three workers for each core, each with a separate lab. One
# that is free takes the next module in the order of tests/conftest.py: a lab is reset for each module.
exec .venv/bin/pytest -n $(($(getconf _NPROCESSORS_ONLN) * 3)) --dist loadfile \
    --no-loadscope-reorder -m "not catalogue" "$@"
