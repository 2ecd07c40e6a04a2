"""A table of first that ejabberd makes again while second joins: named, and restored."""

from __future__ import annotations

from ejtui.cluster.run.events import Event, StepStarted
from ejtui.lab.faults.node import first, second
from ejtui.lab.lab import Lab
from tests.lab.cluster.engine import ctl, engine

COUNT = "mnesia:table_info(roster, size)"
# What ejabberd itself does for an ejabberd.schema that calls the table local_content.
MAKE_AGAIN = """
Attributes = mnesia:table_info(roster, attributes),
{atomic, ok} = mnesia:delete_table(roster),
{atomic, ok} = mnesia:create_table(roster, [{disc_only_copies, [node()]}, {local_content, true},
                                            {attributes, Attributes}]),
true
"""
FIRST_CONTACT = "lists:nth(1, lists:sort(mnesia:dirty_all_keys(roster)))"
# A table in memory alone, as that of those who are connected is one.
PASSING = "[mnesia:dirty_write({passing, K, K}) || K <- [1, 2]] =:= [ok, ok]"
MAKE = "{atomic, ok} = mnesia:create_table(passing, [{ram_copies, [node()]}])"
MAKE_PASSING_AGAIN = f"{{atomic, ok}} = mnesia:delete_table(passing), {MAKE}, true"
REMEMBERED = (
    "application:set_env(kernel, contact, hd(mnesia:dirty_read(roster, " + FIRST_CONTACT + ")))"
)
# The same contact again, under another name: newer than the backup.
RENAMED = """
{ok, Contact} = application:get_env(kernel, contact),
mnesia:dirty_write(roster, setelement(5, Contact, <<"renamed since">>)) =:= ok
"""
NAME = """
{ok, Contact} = application:get_env(kernel, contact),
[Now] = mnesia:dirty_read(roster, element(2, Contact)),
element(5, Now)
"""


async def test_verify_names_the_table_and_a_rollback_brings_it_back(fresh_lab: Lab) -> None:
    one_ = first(fresh_lab)
    before = int(one_.ask(COUNT))
    assert before > 1
    assert one_.ask(f"{MAKE}, {PASSING}") == "true"
    one_.ask(REMEMBERED)
    async with engine(fresh_lab) as one:

        def lost(event: Event) -> None:
            if isinstance(event, StepStarted) and event.id == "verify":
                one.on_event = lambda _: None
                assert one_.ask(MAKE_AGAIN) == "true"
                assert one_.ask(RENAMED) == "true"
                assert one_.ask(MAKE_PASSING_AGAIN) == "true"

        one.on_event = lost
        assert not await one.runner.run_on()
        assert f"roster: {before} records before the join, 1 now" in one.last.detail
        [finding] = one.last.findings
        assert (finding.code, finding.node) == ("records-lost", "first")
        assert finding.subjects == ("passing", "roster")
        assert "In memory alone: passing." in finding.explanation
        assert "first.BUP" in finding.explanation
        one.yes = False
        assert not await one.runner.run_on(), "and it stays so until it is accepted by its word"
        assert one.questions[-1].consent == "fewer-records"
        one.yes = True
        evidence = " ".join(await one.roll_back())
        question = one.questions[-1]
        assert question.title == "Bring records of roster back to first?"
        assert f"{before - 1} of {before} records" in question.takes[0]
        assert f"roster has {before - 1} records back" in evidence
    assert int(one_.ask(COUNT)) == before
    assert one_.ask("mnesia:table_info(roster, local_content)") == "false"
    assert one_.ask(NAME) == '<<"renamed since">>', "what is newer stays"
    assert ctl(fresh_lab, "second", "registered_users", "chat.example") == ["guest"]
    async with engine(fresh_lab) as one:

        def deleted(event: Event) -> None:
            """One contact less is somebody's own doing, and no reason to fail."""
            if isinstance(event, StepStarted) and event.id == "verify":
                one.on_event = lambda _: None
                second(fresh_lab).ask(f"mnesia:dirty_delete(roster, {FIRST_CONTACT})")

        one.on_event = deleted
        assert await one.runner.run_on(), one.last
        assert any("records were deleted in it" in line for line in one.last.evidence)
