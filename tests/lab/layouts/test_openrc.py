"""Hosts where OpenRC starts ejabberd, with busybox's tools: joined, ended, rolled back."""

from __future__ import annotations

from pathlib import Path

import pytest

from ejtui.lab.faults.node import second
from tests.lab.layouts.asking import asked
from tests.lab.layouts.layout import ALPINE, GENTOO, lay_out
from tests.lab.layouts.test_layouts import Laid
from tests.lab.releases import roots
from tests.lab.releases.hosts import hosts
from tests.skipping import skip_for

PACKAGES = ("openrc", "busybox")


@pytest.mark.releases
@pytest.mark.catalogue
@pytest.mark.parametrize("kind", ["alpine", "gentoo"])
async def test_openrc_s_layouts(tmp_path: Path, kind: str) -> None:
    layout = {"alpine": ALPINE, "gentoo": GENTOO}[kind]
    skip_for(roots.why_not())
    with hosts(tmp_path, "bookworm", "bookworm", PACKAGES) as plain:
        pair = Laid(lay_out(plain, layout), layout)
        lab = pair.lab
        for host in ("first", "second"):
            found = await asked(lab, host)
            assert (found.kind, found.node) == (kind, f"ejabberd@{host}")
            assert found.sources["start"] == "rc-service"
            assert found.ejabberdctl_cfg == "/etc/ejabberd/ejabberdctl.cfg"
        pair.repaired()
        pair.joined()
        assert "started" in pair.ejtui.inside("second", "rc-service", "ejabberd", "status")

        # OpenRC takes it for started, and would start nothing.
        node = second(lab)
        node.kill()
        status, answer = pair.ejtui.json("repair", "not-connected", "--yes")
        assert status == 0, answer
        pair.healthy()
        pair.rolled_back()
        assert "started" in pair.ejtui.inside("second", "rc-service", "ejabberd", "status")
