"""Where backups must not go: into memory, which a boot of the host empties."""

from __future__ import annotations

from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.systemd import units

PLACE = "/var/lib/ejabberd/ejtui-backups"
_MOUNT = 'install -d -o ejabberd -m 700 "$1"; mount -t tmpfs -o size=1g,mode=700 ejtui "$1"'


def test_no_backup_goes_into_memory(systemd_lab: Lab) -> None:
    """The database is on a disk, and somebody has put a tmpfs where its backups go."""
    lab, ejtui = systemd_lab, Ejtui(systemd_lab)
    lab.run("second", ["systemctl", "start", units.EJABBERD], timeout=120)
    [before] = units.vm_pids(lab, "second")
    lab.run("second", ["sh", "-euc", f'{_MOUNT}; chown ejabberd "$1"', "sh", PLACE])
    try:
        status, answer = ejtui.json("check")
        assert status == 1, answer
        [finding] = answer["findings"]
        assert (finding["code"], finding["node"]) == ("disc-full", "second"), answer
        assert "tmpfs" in str(finding["evidence"])
        assert "backup_dir in [nodes.second]" in finding["repair"]
        status, answer = ejtui.json("join", "--yes")
        assert (status, finding["title"] in str(answer)) == (1, True), answer
        assert units.vm_pids(lab, "second") == [before]
    finally:
        lab.run("second", ["umount", PLACE])
    status, answer = ejtui.json("check")
    assert (status, answer["findings"]) == (0, []), answer
