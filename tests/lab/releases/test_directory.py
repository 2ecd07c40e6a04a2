"""A database one directory deeper, as older releases left it: one directory for all of a join."""

from __future__ import annotations

from pathlib import Path

import pytest

from ejtui.lab.faults.node import second
from ejtui.lab.people import DOMAIN, GUEST
from tests.lab.cluster.engine import ctl, engine
from tests.lab.releases import roots
from tests.lab.releases.hosts import hosts
from tests.skipping import skip_for

pytestmark = pytest.mark.releases

_DEEPER = """
mkdir "$2"
cd "$1"
for f in *.DCD *.DCL *.DAT *.LOG; do if [ -f "$f" ]; then mv "$f" "$2/"; fi; done
chown -R ejabberd: "$2"
"""


@pytest.mark.catalogue
async def test_the_directory_of_a_join_is_one(tmp_path: Path) -> None:
    """From 25.04 on ejabberdctl names another one as soon as the deeper one has no schema."""
    skip_for(roots.why_not())
    with hosts(tmp_path, "sid", "sid") as lab:
        node = second(lab)
        deeper = f"{node.home}/{node.name}"
        node.stop()
        node.script(_DEEPER, node.home, deeper)
        lab.run("second", lab.form.starting("second"))
        node.until("mnesia:system_info(is_running) =:= yes")
        assert ctl(lab, "second", "registered_users", DOMAIN) == [GUEST]
        async with engine(lab) as one:
            assert await one.runner.run_on("cleandb"), one.last
        async with engine(lab) as one:
            assert await one.runner.run_on(), one.last
        assert deeper in node.ask("mnesia:system_info(directory)")
        async with engine(lab) as one:
            await one.roll_back()
        assert ctl(lab, "second", "registered_users", DOMAIN) == [GUEST]
        assert deeper in node.ask("mnesia:system_info(directory)")
