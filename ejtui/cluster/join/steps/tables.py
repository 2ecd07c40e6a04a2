"""Second gets a copy of each of first's tables, of the type the operator chooses."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from itertools import count
from typing import Any

from ejtui.amounts import amount
from ejtui.cluster.acts.act import Command, erl
from ejtui.cluster.errors import MnesiaEnded, StepFailed
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.join import erl_shell
from ejtui.cluster.join.steps.step import Evidence, Step, StepState, done, todo
from ejtui.cluster.pace import Pace
from ejtui.cluster.pair.plan import Plan
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.polling import Lasting
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.tables import waiting
from ejtui.cluster.tables.copies import (
    COPY_SECONDS,
    Copy,
    change,
    held_by_first,
    lacking,
    overruled,
    overruled_line,
)
from ejtui.cluster.tables.copy_progress import CopyCount, Copying, CopySample
from ejtui.cluster.tables.order import order
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError

LOOK_AFTER = 0.25
"""Seconds after which a running copy is looked at, and looked at again."""

BOTH_EVERY = 8
"""Looks at the copy, for each look at everything on both nodes."""

ALONE_SECONDS = 10.0
"""A copy that goes on for so long while second's Mnesia runs without first never ends.

Mnesia gives most copies up itself when first goes. It does not where second was writing a table
that is to be on disc only: dets waits for first's next records, for ever.
"""


class Tables(Step):
    """Copies the tables one by one, with a progress line for each."""

    id = "tables"
    after = "sync"
    title = "Tables"
    does = "makes a copy of each table on second"
    reference = "Synchronise Databases: tables in the web interface"
    where = "second"
    why = (
        "The schema alone makes second a member whose data all lives on first. A copy of each "
        "table lets second serve it alone, and go on when first is away."
    )

    def state(self, facts: PairFacts, choices: Choices) -> StepState:
        missing, total = lacking(facts, choices), held_by_first(facts)
        if missing:
            wait = waiting.longest(copy.table for copy in missing)
            after = f"; {wait.line}" if wait else ""
            return todo(f"{total - len(missing)} of {total} tables are copied as chosen{after}")
        if other := overruled(facts, choices):
            return done(f"{total - len(other)} tables are as chosen; {overruled_line(other)}")
        return done(f"{total} tables are copied as chosen")

    def commands(self, plan: Plan) -> list[Command]:
        copies = order(lacking(plan.facts, plan.choices))
        typed = [erl(plan.at_second, copy.text) for copy in copies]
        return [*erl_shell.needed_commands(plan), *typed]

    async def run(self, context: StepContext) -> Evidence:
        facts = await erl_shell.ensure_connected(context)
        copies = order(lacking(facts, context.choices))
        whole = sum(copy.table.memory for copy in copies)
        count = CopyCount(held_by_first(facts) - len(copies), held_by_first(facts))
        pace, made = Pace(0, time.monotonic()), 0
        for copy in copies:
            what = f"{copy.table.name} ({amount(copy.table.memory)})"
            # Tables differ in size: how long the rest takes is known by bytes.
            _, soon = pace.seen(made, whole, time.monotonic())
            left = ", ".join(filter(None, (f"{amount(whole - made)} left", soon)))
            context.progress(count.done, count.total, "tables", what, left=left)
            await _make(context, copy, count)
            count.made()
            made += copy.table.memory
        if copies:
            context.progress(count.total, count.total, "tables")
        facts = await context.until(
            lambda now: not lacking(now, context.choices),
            "both nodes to report that second has every copy",
        )
        return [
            f"{held_by_first(facts)} tables of first are on second as chosen, both nodes report",
            f"{len(copies)} copies made now",
        ]


async def _make(context: StepContext, copy: Copy, count: CopyCount) -> None:
    """One copy; raises StepFailed with Mnesia's own words when it is refused."""
    made = _asked if context.facts.second.ejabberd else _typed
    await _watched(context, copy, count, made(context, copy))


async def _asked(context: StepContext, copy: Copy) -> None:
    await change(context.pair.second, copy)


async def _typed(context: StepContext, copy: Copy) -> None:
    answer = await context.type(copy.text, COPY_SECONDS)
    if "{atomic,ok}" not in answer and "already_exists" not in answer:
        raise StepFailed(f"{copy.text} answered {' '.join(answer.split())}")


async def _watched(
    context: StepContext, copy: Copy, tables: CopyCount, made: Coroutine[Any, Any, None]
) -> None:
    """Shows how far the copy is while it takes long."""
    making = asyncio.ensure_future(made)
    began = time.monotonic()
    copying = Copying(copy)
    alone = Lasting[PairFacts](lambda facts: facts.first_will_wait, ALONE_SECONDS)
    try:
        for number in count(1):
            if (await asyncio.wait({making}, timeout=LOOK_AFTER))[0]:
                break
            await _look(context, copy, copying, tables, began)
            if number % BOTH_EVERY == 0 and alone(await context.refresh()):
                await _end(making)
                await context.pair.end_shell()
                raise StepFailed(
                    f"first went away in the middle of {copy.text} What second waits for would "
                    "never come, and would keep first from starting: its erl is ended"
                )
        making.result()
    finally:
        if not making.done():
            await _end(making)


async def _end(making: asyncio.Future[None]) -> None:
    making.cancel()
    await asyncio.wait({making})


async def _look(
    context: StepContext, copy: Copy, copying: Copying, tables: CopyCount, began: float
) -> None:
    """Shows how far the copy is where anything of it can be seen."""
    second = context.pair.second
    records, bytes_ = None, None
    with suppress(ProbeError):
        records, bytes_ = await questions.table_progress(
            second.probe, second.platform.node, copy.table.name
        )
    if records is None:
        await _runs_still(context, copy)
    if bytes_ is None or not copying.total:
        return
    now = copying.seen(CopySample(records, bytes_, time.monotonic() - began))
    done, what = tables.within(now), copying.described(now)
    context.progress(done, tables.total, "tables", what, left=now.left)


async def _runs_still(context: StepContext, copy: Copy) -> None:
    """Nothing of a copy is in sight yet; or there is no Mnesia, and the shell never answers."""
    if (await context.refresh()).second.mnesia_has_ended:
        raise MnesiaEnded(
            f"Mnesia ended on second in the middle of {copy.text} Its erl printed why, which is in "
            "the recording: `ejtui history play` shows it. Then `ejtui join` goes on"
        )
