"""A pair that cannot be joined: the broken layer is named, and second stays as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ejtui.lab import breakage
from ejtui.lab.lab import Lab
from ejtui.lab.place import HOSTS
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
def whole(lab: Lab) -> Iterator[Lab]:
    """Two nodes that are not joined; whatever the test breaks is whole again afterwards."""
    cookies = {host: breakage.read_cookie(lab, host) for host in HOSTS}
    names = {host: lab.run(host, ["cat", "/etc/hosts"]).stdout for host in HOSTS}
    config = lab.config_path.read_text()
    try:
        yield lab
    finally:
        lab.config_path.write_text(config)
        for host in HOSTS:
            breakage.unblock(lab, host)
            breakage.write_cookie(lab, host, cookies[host])
            lab.run(host, ["sh", "-c", "cat >/etc/hosts"], stdin=names[host])


@pytest.mark.parametrize("how", ["silent", "refused"])
async def test_first_s_epmd_is_filtered_and_the_cookie_is_wrong(whole: Lab, how: str) -> None:
    breakage.block_port(whole, "first", breakage.EPMD_PORT, how)  # type: ignore[arg-type]
    async with engine(whole) as one:
        facts = await one.pair.refresh()
        assert facts.first.cookie.digits != facts.second.cookie.digits
        await failed_with(one, "epmd-unreachable")


async def test_first_s_distribution_port_is_filtered(whole: Lab) -> None:
    names = whole.run("first", ["epmd", "-names"]).stdout.decode()
    port = next(int(line.split()[-1]) for line in names.splitlines() if "name ejabberd " in line)
    breakage.block_port(whole, "first", port)
    async with engine(whole) as one:
        await failed_with(one, "dist-port-blocked")


async def test_first_does_not_resolve(whole: Lab) -> None:
    breakage.hide_name(whole, "second", "first")
    async with engine(whole) as one:
        await failed_with(one, "unresolvable")


async def test_first_s_file_has_another_cookie_than_its_node(whole: Lab) -> None:
    """Copied to second, that cookie would connect nothing."""
    breakage.write_cookie(whole, "first")
    async with engine(whole) as one:
        await failed_with(one, "cookie-mismatch")


async def test_first_s_cookie_is_malformed(whole: Lab) -> None:
    breakage.write_cookie(whole, "first", b"two\nlines\n")
    async with engine(whole) as one:
        await failed_with(one, "cookie-malformed")


async def test_second_s_cookie_is_open(whole: Lab) -> None:
    whole.run("second", ["chmod", "644", f"{whole.form.home('second')}/.erlang.cookie"])
    async with engine(whole) as one:
        await failed_with(one, "cookie-mode")


async def test_an_unreachable_host_is_named(whole: Lab) -> None:
    text = whole.config_path.read_text()
    whole.config_path.write_text(text.replace('user = "op"', 'user = "op"\nport = 1', 1))
    async with engine(whole) as one:
        facts = await one.pair.refresh()
        assert not facts.first.reachable
        assert facts.second.asked
        assert not await one.runner.run_on()
        assert one.last.findings[0].code == "host-unreachable"


async def test_first_is_down(fresh_lab: Lab) -> None:
    ctl(fresh_lab, "first", "stop")
    ctl(fresh_lab, "first", "stopped")
    async with engine(fresh_lab) as one:
        await failed_with(one, "not-connected")


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
