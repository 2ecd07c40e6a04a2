"""Ejabberd starts on second, as a member of the cluster."""

from __future__ import annotations

import asyncio

from ejtui.cluster.acts.act import Command, commands
from ejtui.cluster.backups import folders, guarded_start, join_backup, store
from ejtui.cluster.backups import online as online_backup
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.backups.tables import table_counts
from ejtui.cluster.diagnosis.diagnose import findings
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.join import erl_shell
from ejtui.cluster.join.steps.step import Evidence, Step, StepState, done, failed, todo
from ejtui.cluster.operations import agreement
from ejtui.cluster.operations.vm import lifecycle
from ejtui.cluster.pair.plan import Plan
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.run.context import StepContext

LOOK_SECONDS = 1.0


class Start(Step):
    """Starts ejabberd and waits until it runs and both nodes list each other."""

    id = "start"
    after = "permissions"
    title = "Start"
    does = "starts ejabberd on second"
    reference = "Second: start ejabberd"
    where = "second"
    why = (
        "ejabberd starts on second the way the system starts it. It is up when the application "
        "runs there and both nodes list each other; an exit code proves nothing."
    )

    def state(self, facts: PairFacts, choices: Choices) -> StepState:
        del choices
        if facts.second.starting:
            return todo("ejabberd is starting on second")
        if not facts.second.ejabberd:
            return todo("ejabberd does not run on second")
        if not facts.both_run:
            found = findings(facts)
            return failed("ejabberd runs on second, and not together with first", *found)
        return done("ejabberd runs on second, together with first")

    def commands(self, plan: Plan) -> list[Command]:
        return commands(lifecycle.start_acts(plan.at_second))

    async def run(self, context: StepContext) -> Evidence:
        if not context.facts.second.ejabberd:
            await _agreed(context)
            await _start(context)
        facts = await context.until(
            lambda now: now.both_run and now.second.ejabberd,
            "ejabberd on second and both nodes to list each other",
        )
        if facts.second.schema.cookie != facts.first.schema.cookie:
            raise StepFailed("second runs with another schema than first's")
        return [
            f"second: ejabberd {facts.second.ejabberd_version} runs, process {facts.second.os_pid}",
            *erl_shell.running_lists(facts),
        ]


async def _agreed(context: StepContext) -> None:
    """First's tables are counted, and what the start changes for good is agreed to.

    The counts go into this join's backup; without one, this ejtui alone knows them. Raises Refused,
    StepFailed.
    """
    manifest = await table_counts.of_join(context.pair)
    if manifest is None:
        context.pair.counts = table_counts.merged(context.pair.counts, context.facts.first)
    else:
        if manifest.first_backup is None:
            context.say("first's online backup, before second starts as a member")
            manifest = await join_backup.back_up_first(context, manifest)
        await store.save(context.pair, table_counts.noted(manifest, context.facts.first))
    await agreement.before_start(context, context.pair.second, lambda: _kept(context, manifest))


async def _kept(context: StepContext, manifest: Manifest | None) -> list[str]:
    """Where first's tables are as they were before the start."""
    first = context.pair.first
    if manifest is not None and manifest.first_backup is not None:
        return [f"first as it was: {manifest.first_backup.path} on {first.name}"]
    directory = await folders.new_directory(first, "before-start")
    made = await online_backup.make(context, first, f"{directory}/first.BUP")
    return [f"first as it was: {made.path} on {first.name}"]


async def _start(context: StepContext) -> None:
    """Starts it unless it is starting, and waits as long as it has a chance.

    Where the link was cut in that moment, both run alone and ejabberd waits for tables of
    first that never come. Raises StepFailed.
    """
    second, apart = context.pair.second, erl_shell.watch_apart()
    starting = asyncio.ensure_future(guarded_start.start(second, context.say))
    try:
        while not (await asyncio.wait({starting}, timeout=LOOK_SECONDS))[0]:
            if apart(await context.refresh()):
                raise StepFailed("second started alone, and not together with first")
        starting.result()
    finally:
        if not starting.done():
            starting.cancel()
            await asyncio.wait({starting})
