"""Step 10: ejabberd starts on second, as a member of the cluster."""

from __future__ import annotations

import asyncio

from .. import findings, shells, vm
from ..choices import Choices
from ..context import StepContext
from ..errors import StepFailed
from ..facts import PairFacts
from ..plan import Plan
from .step import Command, Evidence, Step, StepState, done, failed, todo

LOOK_SECONDS = 1.0


class Start(Step):
    """Starts ejabberd and waits until it runs and both nodes list each other."""

    id = "start"
    number = 10
    title = "Start"
    reference = "Second: start ejabberd"
    where = "second"
    why = (
        "ejabberd starts on second the way the system starts it. It is up when the application "
        "runs there and both nodes list each other; an exit code proves nothing."
    )

    def state(self, facts: PairFacts, choices: Choices) -> StepState:
        del choices
        if not facts.second.ejabberd:
            return todo("ejabberd does not run on second")
        if not facts.both_run:
            found = findings.findings(facts)
            return failed("ejabberd runs on second, and not together with first", *found)
        return done("ejabberd runs on second, together with first")

    def commands(self, plan: Plan) -> list[Command]:
        user = plan.second.run_start_as or plan.second.service_user
        return [Command(plan.second_name, user, "shell", " ".join(plan.second.start))]

    async def run(self, context: StepContext) -> Evidence:
        if not context.facts.second.ejabberd:
            await _start(context)
        facts = await context.until(
            lambda now: now.both_run and now.second.ejabberd,
            "ejabberd on second and both nodes to list each other",
        )
        if facts.second.schema.cookie != facts.first.schema.cookie:
            raise StepFailed("second runs with another schema than first's")
        return [
            f"second: ejabberd {facts.second.ejabberd_version} runs, process {facts.second.os_pid}",
            *shells.running_lists(facts),
        ]


async def _start(context: StepContext) -> None:
    """Starts it, and waits no longer than it has a chance.

    Where the link was cut in that moment, both run by themselves and ejabberd waits for tables of
    first that never come. Raises StepFailed.
    """
    starting, apart = asyncio.ensure_future(vm.start(context.pair.second)), shells.apart()
    try:
        while not (await asyncio.wait({starting}, timeout=LOOK_SECONDS))[0]:
            if apart(await context.refresh()):
                raise StepFailed("second came up by itself, and not together with first")
        starting.result()
    finally:
        if not starting.done():
            starting.cancel()
            await asyncio.wait({starting})
