"""Pairs that are laid out as other packages do it: asked, repaired, joined, rolled back."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.layouts.asking import asked
from tests.lab.layouts.layout import (
    FREEBSD,
    OPENBSD,
    OPENBSD_REDONE,
    PROCESSONE,
    Layout,
    configure,
    lay_out,
)

BOTH = ["ejabberd@first", "ejabberd@second"]


@dataclass(frozen=True)
class Laid:
    """A pair in a layout, and the `ejtui` that works on it."""

    lab: Lab
    layout: Layout

    @property
    def ejtui(self) -> Ejtui:
        return Ejtui(self.lab)

    def healthy(self) -> None:
        code, seen = self.ejtui.json("check")
        assert (code, seen["findings"]) == (0, []), seen

    def repaired(self) -> None:
        """A name that second does not know any more is named, and repaired in its hosts file."""
        self.ejtui.inside("second", "sed", "-i", "/ first$/d", "/etc/hosts")
        code, seen = self.ejtui.json("check")
        assert code == 1
        assert [(each["code"], each["node"]) for each in seen["findings"]] == [
            ("unresolvable", "second")
        ]
        code, seen = self.ejtui.json("repair", "unresolvable", "--yes")
        assert code == 0, seen

    def joined(self) -> None:
        code, answer = self.ejtui.json("join", "--yes")
        assert code == 0, answer
        assert {step["state"] for step in answer["steps"]} == {"done"}
        assert answer["first"]["accounts"] == answer["second"]["accounts"] == 25
        assert self.ejtui.ctl("second", "list_cluster") == BOTH
        self.healthy()

    def rolled_back(self) -> None:
        ran = self.ejtui("rollback", "--yes")
        assert ran.returncode == 0, ran.stderr
        assert self.ejtui.ctl("second", "registered_users", "chat.example") == ["guest"]
        assert self.ejtui.ctl("second", "list_cluster") == ["ejabberd@second"]


async def test_the_document_s_layout(fresh_lab: Lab) -> None:
    pair = Laid(lay_out(fresh_lab, OPENBSD), OPENBSD)
    lab = pair.lab
    configure(lab, "first", platform="openbsd")
    for host, source in (("first", "configuration"), ("second", "the host's system")):
        found = await asked(lab, host)
        assert (found.kind, found.sources["kind"]) == ("openbsd", source)
        assert (found.node, found.service_user) == (f"ejabberd@{host}", "_ejabberd")
        assert (found.home, found.config_dir) == ("/var/db/ejabberd", "/etc/ejabberd")
        assert found.spool_dir == "/var/db/ejabberd/ejabberd"
        assert (found.erl, found.epmd) == ("/usr/local/bin/erl", "/usr/local/bin/epmd")
        assert found.start == ("/usr/local/sbin/ejabberdctl", "start")
        assert {found.sources[each] for each in ("node", "spool_dir", "service_user", "erl")} == {
            "ejabberdctl"
        }
    pair.repaired()
    assert group(lab, "/var/db/ejabberd/ejtui-backups") == "_ejabberd"

    left = "/var/db/ejabberd/ejabberd/left-by-root"
    lab.run("second", ["touch", left])
    pair.joined()
    assert group(lab, left) == "_ejabberd"
    pair.rolled_back()

    for host in ("first", "second"):
        configure(lab, host, user="root")
    code, seen = pair.ejtui.json("status")
    assert (code, seen["second"]["accounts"]) == (0, 1), seen
    for host in ("first", "second"):
        assert "su" in said(lab, host, "used")
        assert said(lab, host, "refused") == []
        assert lab.run(host, ["ls", "-A", "/proc"]).stdout == b""
    assert {*said(lab, "second", "used")} >= {"ps", "stat", "chown"}


@pytest.mark.catalogue
async def test_openbsd_s_layout_without_epmd(fresh_lab: Lab) -> None:
    pair = Laid(lay_out(fresh_lab, OPENBSD_REDONE), OPENBSD_REDONE)
    lab = pair.lab
    for host in ("first", "second"):
        found = await asked(lab, host)
        assert (found.kind, found.node) == ("openbsd", f"ejabberd@{host}")
        assert (found.home, found.spool_dir) == ("/var/db/ejabberd", "/var/db/ejabberd")
        assert found.start == ("rcctl", "-f", "start", "ejabberd")
        assert found.env["ERL_DIST_PORT"] == "5210"
    pair.repaired()
    pair.joined()
    pair.rolled_back()
    assert "rcctl" in said(lab, "second", "used")
    for host in ("first", "second"):
        assert said(lab, host, "refused") == []
        ran = lab.run(host, ["/usr/lib/erlang/bin/epmd", "-names"], check=False)
        assert ran.returncode != 0, ran.stdout


@pytest.mark.catalogue
async def test_freebsd_s_layout(fresh_lab: Lab) -> None:
    pair = Laid(lay_out(fresh_lab, FREEBSD), FREEBSD)
    lab = pair.lab
    for host in ("first", "second"):
        found = await asked(lab, host)
        assert (found.kind, found.service_user) == ("freebsd", "ejabberd")
        assert (found.node, found.sources["node"]) == (f"ejabberd@{host}", "rc.conf")
        assert (found.home, found.spool_dir) == ("/var/spool/ejabberd", "/var/spool/ejabberd")
        assert found.config_dir == "/usr/local/etc/ejabberd"
        assert (found.start, found.sources["start"]) == (
            ("service", "ejabberd", "onestart"),
            "service",
        )
    pair.repaired()
    for host in ("first", "second"):
        configure(lab, host, user="root")
    pair.joined()
    pair.rolled_back()
    for host in ("first", "second"):
        assert said(lab, host, "refused") == []
    assert {*said(lab, "second", "used")} >= {"ps", "stat", "chown", "su", "service"}

    lab.run("second", ["sed", "-i", "/ejabberd_node/d", "/etc/rc.conf"])
    assert (await asked(lab, "second")).node == "ejabberd@localhost"


def group(lab: Lab, path: str) -> str:
    """The group of a file on second."""
    return lab.run("second", ["ls", "-ld", path]).stdout.decode().split()[3]


def said(lab: Lab, host: str, what: str) -> list[str]:
    """What the host's own tools noted: those that were used, or calls that they refused."""
    return lab.run(host, ["cat", f"/run/layout/{what}"]).stdout.decode().splitlines()


@pytest.mark.catalogue
async def test_a_repair_in_the_installer_s_layout(fresh_lab: Lab) -> None:
    Laid(lay_out(fresh_lab, PROCESSONE), PROCESSONE).repaired()


@pytest.mark.catalogue
async def test_the_installer_s_layout(fresh_lab: Lab) -> None:
    pair = Laid(lay_out(fresh_lab, PROCESSONE), PROCESSONE)
    for host in ("first", "second"):
        found = await asked(pair.lab, host)
        assert (found.kind, found.service_user) == ("processone", "ejabberd")
        assert found.node == f"ejabberd@{host}"
        assert found.ejabberdctl == "/opt/ejabberd-23.01/bin/ejabberdctl"
        assert (found.home, found.config_dir) == ("/opt/ejabberd", "/opt/ejabberd/conf")
        assert found.spool_dir == f"/opt/ejabberd/database/ejabberd@{host}"
        assert found.ejabberdctl_cfg == "/opt/ejabberd/conf/ejabberdctl.cfg"
        assert found.erl.startswith("/opt/ejabberd-23.01/erts-")


@pytest.mark.catalogue
async def test_a_pair_in_the_installer_s_layout_joins_and_comes_apart(fresh_lab: Lab) -> None:
    pair = Laid(lay_out(fresh_lab, PROCESSONE), PROCESSONE)
    pair.joined()
    pair.rolled_back()
