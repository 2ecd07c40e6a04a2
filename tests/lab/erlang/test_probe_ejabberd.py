"""The probe on two real ejabberds: accounts, tables, and the way from one to the other."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from ejtui.config import load
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import Probe
from ejtui.hosts import open_host
from ejtui.lab.lab import Lab
from ejtui.platforms import ask_platform

Pair = tuple[Probe, Probe]


@pytest.fixture
async def pair(local_lab: Lab) -> AsyncIterator[Pair]:
    local_lab.reset()
    config = load(local_lab.config_path)
    async with AsyncExitStack() as stack:
        probes = []
        for name in (config.first, config.second):
            host = open_host(config.nodes[name])
            await host.connect()
            stack.push_async_callback(host.close)
            platform = await ask_platform(host, config.nodes[name])
            probes.append(await Probe.start(host, platform))
            stack.push_async_callback(probes[-1].close)
        yield probes[0], probes[1]


async def test_two_ejabberds_that_are_not_joined(pair: Pair) -> None:
    one, two = await pair[0].snapshot(), await pair[1].snapshot()
    first, second = one["node"], two["node"]
    assert one["vm"] == two["vm"] == "up"
    assert one["ejabberd"] is two["ejabberd"] is True
    assert (one["accounts"], two["accounts"]) == (25, 1)
    assert one["ejabberd_version"] == two["ejabberd_version"] != ""
    assert one["schema"]["cookie"] != two["schema"]["cookie"]
    assert len(one["tables"]) > 30

    theirs = await questions.list_accounts(pair[0], first, 60)
    own = await questions.list_accounts(pair[1], second, 60)
    assert (len(theirs), len(own)) == (25, 1)
    assert await questions.missing_there(pair[0], [*own, *theirs[:2]], 60) == list(own)
    read = await pair[0].ask("read_accounts", theirs)
    assert (read["read"], read["missing"], read["where_to_read"]) == (25, [], first)
    assert read["through"] == 25
    assert read["hosts"] == [("chat.example", 25, 25)]
    named = await pair[0].ask("read_accounts", first)
    assert named == {**read, "served": ["chat.example"], "unserved": []}
    assert await questions.routes(pair[0], first, "chat.example", 30) == "arrived"
    other = await pair[1].ask("read_accounts", theirs)
    assert (other["asked"], other["read"], other["missing"]) == (25, 0, theirs)
    assert (await pair[1].ask("layers", first))["code"] == "cookie-mismatch"
    # Without a running node the version comes from what is installed.
    await pair[1].ask("stop_node", timeout=70)
    gone = await pair[1].snapshot()
    assert gone["vm"] == "down"
    assert gone["ejabberd_version"] == two["ejabberd_version"]
    assert gone["disk_schema"]["cookie"] == two["schema"]["cookie"]
    assert "passwd" in gone["disk_schema"]["tables"]
