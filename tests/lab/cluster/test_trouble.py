"""A pair that cannot be joined: the broken layer is named, and second stays as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ejtui.lab import breakage
from ejtui.lab.lab import Lab
from tests.lab.cluster.engine import Engine, ctl, engine, joined, state_of


async def failed_with(one: Engine, code: str) -> None:
    """The run ends with this finding, and second is as before."""
    before = state_of(one.lab, "second")
    assert not await one.runner.run_on()
    assert one.last.state == "failed"
    assert [finding.code for finding in one.last.findings][:1] == [code], one.last
    finding = one.last.findings[0]
    assert finding.evidence
    assert finding.explanation
    assert finding.repair
    assert state_of(one.lab, "second") == before
    assert not one.questions


@pytest.fixture
def repaired(lab: Lab) -> Iterator[Lab]:
    """The lab; whatever the test blocks is open again afterwards."""
    try:
        yield lab
    finally:
        breakage.unblock(lab, "first")
        breakage.unblock(lab, "second")


@pytest.mark.parametrize("how", ["silent", "refused"])
async def test_first_s_epmd_is_filtered_and_the_cookie_is_wrong(
    fresh_lab: Lab, repaired: Lab, how: str
) -> None:
    breakage.block_port(fresh_lab, "first", breakage.EPMD_PORT, how)  # type: ignore[arg-type]
    async with engine(fresh_lab) as one:
        facts = await one.pair.refresh()
        assert facts.first.cookie.digits != facts.second.cookie.digits
        await failed_with(one, "epmd-unreachable")


async def test_first_s_distribution_port_is_filtered(fresh_lab: Lab, repaired: Lab) -> None:
    names = fresh_lab.run("first", ["epmd", "-names"]).stdout.decode()
    port = next(int(line.split()[-1]) for line in names.splitlines() if "name ejabberd " in line)
    breakage.block_port(fresh_lab, "first", port)
    async with engine(fresh_lab) as one:
        await failed_with(one, "dist-port-blocked")


async def test_first_does_not_resolve(fresh_lab: Lab) -> None:
    breakage.hide_name(fresh_lab, "second", "first")
    async with engine(fresh_lab) as one:
        await failed_with(one, "unresolvable")


async def test_first_is_down(fresh_lab: Lab) -> None:
    ctl(fresh_lab, "first", "stop")
    ctl(fresh_lab, "first", "stopped")
    async with engine(fresh_lab) as one:
        await failed_with(one, "not-connected")


async def test_first_s_file_has_another_cookie_than_its_node(fresh_lab: Lab) -> None:
    """Copied to second, that cookie would connect nothing."""
    breakage.write_cookie(fresh_lab, "first")
    async with engine(fresh_lab) as one:
        await failed_with(one, "cookie-mismatch")


async def test_first_s_cookie_is_malformed(fresh_lab: Lab) -> None:
    breakage.write_cookie(fresh_lab, "first", b"two\nlines\n")
    async with engine(fresh_lab) as one:
        await failed_with(one, "cookie-malformed")


async def test_second_s_cookie_is_open(fresh_lab: Lab) -> None:
    fresh_lab.run("second", ["chmod", "644", f"{fresh_lab.form.home('second')}/.erlang.cookie"])
    async with engine(fresh_lab) as one:
        await failed_with(one, "cookie-mode")


@pytest.mark.catalogue
async def test_second_was_stopped(fresh_lab: Lab) -> None:
    """It is started on the way, so that its accounts can be read."""
    ctl(fresh_lab, "second", "stop")
    ctl(fresh_lab, "second", "stopped")
    async with engine(fresh_lab) as one:
        assert await one.runner.run_on(), one.last
        assert "guest@chat.example" in one.questions[0].takes[0]


async def test_the_net_is_cut_and_mended(fresh_lab: Lab) -> None:
    lab = fresh_lab
    await joined(lab)
    breakage.cut_link(lab)
    try:
        async with engine(lab) as one:
            assert not await one.runner.run_on()
            assert one.last.state == "failed"
            assert one.last.findings
    finally:
        breakage.repair_link(lab)
        lab.reset()


async def test_an_unreachable_host_is_named(fresh_lab: Lab) -> None:
    text = fresh_lab.config_path.read_text()
    fresh_lab.config_path.write_text(text.replace('user = "op"', 'user = "op"\nport = 1', 1))
    try:
        async with engine(fresh_lab) as one:
            facts = await one.pair.refresh()
            assert not facts.first.reachable
            assert facts.second.asked
            assert not await one.runner.run_on()
            assert one.last.findings[0].code == "host-unreachable"
    finally:
        fresh_lab.config_path.write_text(text)
