#!/bin/sh
# Two real ejabberd nodes on this machine, and ejtui on them; everything is taken down at the end.
# Installs what is missing, without starting any service.
set -eu
cd "$(dirname "$0")"
. scripts/setup.sh
environment ''
exec .venv/bin/ejtui lab --yes
