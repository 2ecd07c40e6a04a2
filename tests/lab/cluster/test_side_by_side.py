"""The main job without privileges: two ejabberds of one user on this computer."""

from __future__ import annotations

from ejtui.lab.lab import Lab
from tests.lab.cluster.engine import ctl, engine


async def test_join_and_back(fresh_local_lab: Lab) -> None:
    async with engine(fresh_local_lab) as one:
        assert await one.runner.run_on(), one.last
        assert await one.at_hand() == ""
        theirs = ctl(fresh_local_lab, "second", "registered_users", "chat.example")
        assert len(theirs) == 25
        await one.roll_back()
        assert ctl(fresh_local_lab, "second", "registered_users", "chat.example") == ["guest"]
        assert await one.at_hand() == "cookies"
