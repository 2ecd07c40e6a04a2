"""A stopped member of a newer release: starting it would rewrite first's tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ejtui.cluster.backups import listing, store
from ejtui.cluster.diagnosis.rules.installation import releases
from ejtui.cluster.errors import Refused
from ejtui.cluster.join.check import check
from ejtui.cluster.repairs.run import repair
from ejtui.lab.faults.node import first, second
from ejtui.lab.people import DOMAIN
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import ctl, engine
from tests.lab.cluster.repair_table import THEIRS
from tests.lab.releases import roots
from tests.lab.releases.hosts import hosts
from tests.skipping import skip_for

pytestmark = pytest.mark.releases


async def test_a_newer_member_is_not_started_for_a_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    skip_for(roots.why_not())
    with hosts(tmp_path, "trixie", "sid") as lab:
        async with engine(lab) as one:
            # As when second was upgraded while it was stopped.
            with monkeypatch.context() as patch:
                patch.setattr(releases, "differ", lambda *_: False)
                assert await one.runner.run_on("permissions"), one.last
            assert not second(lab).pid()
            # That join ended long ago.
            for manifest in await listing.load(one.pair):
                await store.save(one.pair, replace(manifest, finished=True))
            found = (await check(one.pair)).findings
            assert [each.code for each in found][:2] == ["version-differs", "not-connected"]
            assert "passwd gets other keys" in " ".join(found[0].evidence)

        ran = Ejtui(lab)("repair", "not-connected", "--yes")
        assert ran.returncode == 1, ran.stdout
        assert "--accept mixed-release" in ran.stderr
        assert not second(lab).pid()

        async with engine(lab) as one:
            one.yes = False
            with pytest.raises(Refused):
                await repair(one.pair, "not-connected", one.asks, one.took)
            question = one.questions[-1]
            assert question.consent == "mixed-release"
            [kept] = [line for line in question.takes if line.startswith("backed up: ")]
            path = kept.removeprefix("backed up: ").partition(" on ")[0]
            assert first(lab).run("test", "-s", path) == ""
        assert not second(lab).pid()
        assert set(ctl(lab, "first", "registered_users", DOMAIN)) == THEIRS
