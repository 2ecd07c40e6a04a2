"""A file of the unit's environment that the service user may write: it names nothing for root."""

from __future__ import annotations

from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui

_ENVIRONMENT = """
to=/etc/systemd/system/ejabberd.service.d
mkdir -p $to /srv/roots
echo secret >/srv/roots/schema.DAT
grep -v ERL_DIST_PORT /etc/default/ejabberd >/srv/roots/settings || :
chmod 600 /srv/roots/*
chmod 755 /srv/roots
printf '[Service]\\nEnvironmentFile=%s/environment\\n' "$1" >$to/environment.conf
systemctl daemon-reload
"""
_UNDO = """
sed -i /ERL_DIST_PORT/d /etc/default/ejabberd
rm -rf /etc/systemd/system/ejabberd.service.d/environment.conf /srv/roots "$1/environment"
systemctl daemon-reload
"""
_SEEN = "cd /srv/roots; stat -c '%n %u %a' . *; sha256sum *"
_PORT = "echo ERL_DIST_PORT=5210 >>/etc/default/ejabberd"


def test_root_gives_and_edits_nothing_that_it_names(systemd_lab: Lab) -> None:
    """It names a file of root's as ejabberdctl.cfg, which a repair on second would edit."""
    lab, ejtui = systemd_lab, Ejtui(systemd_lab)
    home = lab.form.home("second")
    lab.run("second", ["sh", "-euc", _ENVIRONMENT, "sh", home])
    lab.run("first", ["sh", "-c", _PORT])
    own = ["runuser", "-u", "ejabberd", "--", "sh", "-c", 'cat >"$1/environment"', "sh", home]
    before = lab.run("second", ["sh", "-c", _SEEN]).stdout
    try:
        for words, code in (
            ("EJABBERDCTL_CONFIG_PATH=/srv/roots/settings\n", "dist-port-differs"),
            ("SPOOL_DIR=/srv/roots\n", "dir-root-owned"),
        ):
            lab.run("second", own, stdin=words.encode())
            ran = ejtui("repair", code, "--yes")
            assert ran.returncode in (1, 3), ran.stdout
            assert "Traceback" not in ran.stdout + ran.stderr
            assert lab.run("second", ["sh", "-c", _SEEN]).stdout == before, code
    finally:
        for host in ("first", "second"):
            lab.run(host, ["sh", "-c", _UNDO, "sh", home])
