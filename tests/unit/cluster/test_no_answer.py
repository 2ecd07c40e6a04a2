"""A node that does not answer is not a node that has nothing."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.backups.move import database_move
from ejtui.cluster.errors import BackupError
from ejtui.cluster.facts.node import NodeFacts, PairFacts, SpoolFacts, SpoolFile
from ejtui.cluster.join.steps.cleandb import CleanDb
from ejtui.cluster.operations.files.ownership import spool_act
from ejtui.cluster.pair.plan import Target
from ejtui.cluster.pair.storage_choices import Choices
from tests.unit.cluster.test_repairs import platform

HAS = NodeFacts("second", spool=SpoolFacts(exists=True, files=(SpoolFile("schema.DAT", 1, True),)))
SILENT = NodeFacts.blind("second", "snapshot crashed")
SHUT = replace(HAS, spool=SpoolFacts(exists=True, error="eacces"))


async def names(facts: NodeFacts) -> list[str]:
    async def refresh() -> NodeFacts:
        return facts

    node: Any = SimpleNamespace(name="second", refresh=refresh)
    return await database_move.mnesia_names(node)


async def test_a_directory_that_nobody_read_is_no_empty_one() -> None:
    assert await names(HAS) == ["schema.DAT"]
    for facts, why in ((SILENT, "snapshot crashed"), (SHUT, "eacces")):
        with pytest.raises(BackupError, match=why):
            await names(facts)


@pytest.mark.parametrize("second", [SILENT, SHUT])
def test_a_second_that_says_nothing_has_no_clean_database(second: NodeFacts) -> None:
    facts = PairFacts(NodeFacts("first"), second)
    assert not CleanDb().state(facts, Choices()).done


def test_a_database_of_which_nobody_knows_whose_it_is_is_not_set_aside() -> None:
    """No room for a copy of its schema.DAT: it may be the one that the join has just made."""
    unread = replace(HAS, disk_schema_error="no space left on device")
    state = CleanDb().state(PairFacts(NodeFacts("first"), unread), Choices())
    assert (state.state, "neither /tmp nor /var/tmp" in state.detail) == ("failed", True)
    damaged = replace(HAS, disk_schema_error="not_a_dets_file")
    state = CleanDb().state(PairFacts(NodeFacts("first"), damaged), Choices())
    assert (state.state, "to set aside: " in state.detail) == ("todo", True)


def test_a_file_is_given_with_the_group() -> None:
    at = Target("lyon", replace(platform("second"), service_user="_ejabberd"))
    assert spool_act(at).command.text.startswith("chown _ejabberd:$(id -gn _ejabberd) ")
