"""A file of the unit's environment that the service user may write: it names nothing for root."""

from __future__ import annotations

from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui

_ENVIRONMENT = """
to=/etc/systemd/system/ejabberd.service.d
mkdir -p $to /srv/roots
echo secret >/srv/roots/schema.DAT
printf 'ERLANG_NODE=x\\n' >/srv/roots/settings
chmod 600 /srv/roots/*
chmod 755 /srv/roots
printf '[Service]\\nEnvironmentFile=%s/environment\\n' "$1" >$to/environment.conf
systemctl daemon-reload
"""
_SEEN = "cd /srv/roots; stat -c '%n %u %a' . *; sha256sum *"


def test_root_gives_and_edits_nothing_that_it_names(systemd_lab: Lab) -> None:
    lab, ejtui = systemd_lab, Ejtui(systemd_lab)
    home = lab.form.home("second")
    lab.run("second", ["sh", "-euc", _ENVIRONMENT, "sh", home])
    words = "SPOOL_DIR=/srv/roots\nEJABBERDCTL_CONFIG_PATH=/srv/roots/settings\n"
    own = ["runuser", "-u", "ejabberd", "--", "sh", "-c", 'cat >"$1/environment"', "sh", home]
    lab.run("second", own, stdin=words.encode())
    before = lab.run("second", ["sh", "-c", _SEEN]).stdout
    try:
        for code in ("dir-root-owned", "dist-port-differs", "name-style"):
            ran = ejtui("repair", code, "--yes")
            assert ran.returncode in (1, 3), ran.stdout
            assert "Traceback" not in ran.stdout + ran.stderr
            assert lab.run("second", ["sh", "-c", _SEEN]).stdout == before, code
    finally:
        undo = f"rm -rf /etc/systemd/system/ejabberd.service.d/environment.conf {home}/environment"
        lab.run("second", ["sh", "-c", f"{undo} /srv/roots; systemctl daemon-reload"])
