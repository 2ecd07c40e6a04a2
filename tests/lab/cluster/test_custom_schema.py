"""An ejabberd.schema on second that would make ejabberd delete one of first's tables."""

from __future__ import annotations

import pytest

from ejtui.cluster.errors import Refused, StepFailed
from ejtui.cluster.join.check import check
from ejtui.cluster.repairs.run import repair
from ejtui.lab.faults.node import LabNode, first, second
from ejtui.lab.lab import Lab
from tests.lab.cluster.engine import Engine, engine
from tests.lab.cluster.hostile import as_service

SCHEMA = "roster:\n  local_content: true\n"
COUNT = "mnesia:table_info(roster, size)"


def put(node: LabNode, text: str = SCHEMA) -> str:
    """Writes the node's ejabberd.schema; its path."""
    place = f"{node.home}/ejabberd.schema"
    node.script('cat >"$1"; chown ejabberd: "$1"', place, stdin=text.encode())
    return place


async def found(one: Engine) -> list[tuple[str, str]]:
    return [(finding.code, finding.node) for finding in (await check(one.pair)).findings]


async def test_what_is_no_file_stops_the_join(lab: Lab) -> None:
    """A pipe that nobody writes to: a read of it would never end."""
    as_service(lab, "mkfifo ejabberd.schema")
    async with engine(lab) as one:
        assert ("custom-schema", "second") in await found(one)
        assert not await one.runner.run_on()
        [finding] = one.last.findings
        assert "second's own definitions of tables cannot be read" in finding.title
        assert any("is no regular file" in line for line in finding.evidence)
        assert not one.questions, "nothing was asked, nothing was changed"
        with pytest.raises(StepFailed, match="is no regular file"):
            await repair(one.pair, "custom-schema", one.asks, one.took)
    as_service(lab, "rm ejabberd.schema; ln -s /dev/zero ejabberd.schema")
    async with engine(lab) as one:
        assert not await one.runner.run_on()
        assert any("is no regular file" in line for line in one.last.findings[0].evidence)
    as_service(lab, "rm ejabberd.schema")


async def test_it_stops_the_join_until_it_is_set_aside(fresh_lab: Lab) -> None:
    one_, other = first(fresh_lab), second(fresh_lab)
    before = int(one_.ask(COUNT))
    assert before
    place = put(other)
    async with engine(fresh_lab) as one:
        assert not await one.runner.run_on()
        [finding] = one.last.findings
        assert (finding.code, finding.node) == ("custom-schema", "second")
        assert any("roster" in line and "deletes" in line for line in finding.evidence)
        assert not one.questions, "nothing was asked, nothing was changed"
        one.yes = False
        with pytest.raises(Refused):
            await repair(one.pair, "custom-schema", one.asks, one.took)
        assert "roster" in " ".join(one.questions[-1].takes)
        one.yes = True
        await repair(one.pair, "custom-schema", one.asks, one.took)
        assert await one.runner.run_on(), one.last
        assert (int(one_.ask(COUNT)), int(other.ask(COUNT))) == (before, before)
        await one.roll_back()
    assert other.run("cat", place) == SCHEMA, "the rollback brought it back"
    assert int(one_.ask(COUNT)) == before


@pytest.mark.catalogue
async def test_of_a_member_it_is_named_before_the_member_starts(fresh_lab: Lab) -> None:
    one_, other = first(fresh_lab), second(fresh_lab)
    before = int(one_.ask(COUNT))
    async with engine(fresh_lab) as one:
        assert await one.runner.run_on(), one.last
        other.stop()
        put(other)
        assert (await found(one))[0] == ("custom-schema", "second")
        with pytest.raises(StepFailed, match="custom-schema"):
            await repair(one.pair, "not-connected", one.asks, one.took)
        assert not other.pid()
        await repair(one.pair, "custom-schema", one.asks, one.took)
        await repair(one.pair, "not-connected", one.asks, one.took)
        assert await found(one) == []
        put(one_)
        assert (await found(one))[0] == ("custom-schema", "first"), "its next start would delete it"
        await repair(one.pair, "custom-schema", one.asks, one.took, node="first")
        assert await found(one) == []
    one_.restart()
    assert int(one_.ask(COUNT)) == before


@pytest.mark.catalogue
async def test_first_s_own_is_given_to_second(fresh_lab: Lab) -> None:
    """What first has, second needs as well: else its ejabberd defines the tables otherwise."""
    one_, other = first(fresh_lab), second(fresh_lab)
    put(one_, "roster:\n  storage_type: disc_copies\n")
    one_.restart()
    async with engine(fresh_lab) as one:
        assert ("custom-schema", "second") in await found(one)
        await repair(one.pair, "custom-schema", one.asks, one.took)
        assert ("custom-schema", "second") not in await found(one)
        assert await one.runner.run_on(), one.last
        await one.roll_back()
    other.script('[ ! -e "$1" ]', f"{other.home}/ejabberd.schema")


@pytest.mark.catalogue
async def test_where_the_environment_names_it_nothing_is_changed(fresh_lab: Lab) -> None:
    other, place = second(fresh_lab), "/etc/ejabberd/tables"
    other.stop()
    other.script(
        'mkdir "$1"; cat >"$1/ejabberd.schema"; chown -R ejabberd: "$1";'
        ' echo "export EJABBERD_MNESIA_SCHEMA=$1" >>/etc/default/ejabberd',
        place,
        stdin=SCHEMA.encode(),
    )
    other.start()
    async with engine(fresh_lab) as one:
        assert not await one.runner.run_on()
        found = {each.code: each for each in one.last.findings}["custom-schema"]
        assert f"second: {place}/ejabberd.schema, which EJABBERD_MNESIA_SCHEMA names" in " ".join(
            found.evidence
        )
        with pytest.raises(StepFailed, match="is not changed from here"):
            await repair(one.pair, "custom-schema", one.asks, one.took)
    assert other.run("cat", f"{place}/ejabberd.schema") == SCHEMA
