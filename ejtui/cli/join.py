"""`ejtui join`: the checklist without the full-screen app."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence

from ejtui.cli import interrupt
from ejtui.cli.answer import Answer
from ejtui.cli.arguments import UsageError
from ejtui.cli.ask import asker, refusal
from ejtui.cli.configured import configured
from ejtui.cli.opened import opened
from ejtui.cli.outcome import fill, reached
from ejtui.cli.progress import Progress, Quiet
from ejtui.cli.steps_text import title
from ejtui.cluster import checklist
from ejtui.cluster.checklist import StepView
from ejtui.cluster.events import Event, StepEnded, StepStarted
from ejtui.cluster.facts import PairFacts
from ejtui.cluster.pair import Pair
from ejtui.cluster.resuming import Resuming
from ejtui.cluster.runner import Runner
from ejtui.cluster.steps import STEPS
from ejtui.config import Config

HOST_SECONDS = 600.0
"""A host that was reached and is lost is waited for so long."""


def run(args: Namespace, answer: Answer) -> int:
    """Run what is not done; 0 when it is all done, 1 when a step failed or was refused.

    3 when a host was not reached; one that was, and is lost, is waited for first.
    """
    config = configured(args)
    ids = [step.id for step in STEPS]
    if args.until is not None and args.until not in ids:
        raise UsageError(
            f"--until: there is no step {args.until!r}\n  the steps are: {', '.join(ids)}"
        )
    return interrupt.run(_joined(config, args.until or ids[-1], args, answer))


async def _joined(config: Config, until: str, args: Namespace, answer: Answer) -> int:
    progress = Quiet() if answer.json else Progress(sys.stdout)
    async with opened(config, progress.paused) as pair:
        try:
            return await _run(pair, until, args, answer, progress)
        except BaseException:
            # What was seen last; it is not asked again on the way out.
            fill(answer, pair.facts, checklist.views(pair, pair.facts))
            raise


async def _run(
    pair: Pair, until: str, args: Namespace, answer: Answer, progress: Progress | Quiet
) -> int:
    watcher = _Watcher(answer)

    def emit(event: Event) -> None:
        watcher(event)
        progress(event)

    resuming = Resuming(pair, emit)
    asks = asker(yes=args.yes, accept=args.accept, paused=progress.paused)
    runner = Runner(pair, asks, resuming.hear)
    views = await runner.checklist()
    _refuse_what_asks(views, pair.facts, until, args)
    progress.titles = {view.id: title(view) for view in views}
    async with progress:
        well = await resuming.run(lambda: runner.run_on(until), HOST_SECONDS)
    fill(answer, pair.facts, await runner.checklist())
    if well:
        return 0
    if watcher.failed is not None:
        failed = watcher.failed
        answer.data["error"] = {"kind": "step", "step": failed.id, "message": failed.detail}
    return 1 if reached(pair.facts) else 3


def _refuse_what_asks(
    views: Sequence[StepView], facts: PairFacts, until: str, args: Namespace
) -> None:
    """Before anything is changed: what will need a yes or a word cannot get one here."""
    for view in views:
        question = None if view.state.done else view.step.takes(facts)
        refused = question and refusal(question, yes=args.yes, accept=args.accept)
        if refused:
            raise refused
        if view.id == until:
            return


class _Watcher:
    """Keeps what the command says at its end, whichever way it ends."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.failed: StepEnded | None = None

    def __call__(self, event: Event) -> None:
        if isinstance(event, StepStarted):
            number, name = next((step.number, step.title) for step in STEPS if step.id == event.id)
            self._answer.standing = (
                f"It stood in step {number}, {name.lower()}; what was done before stays done.\n"
                "  `ejtui join` again goes on from where the nodes stand then; "
                "`ejtui status` shows it."
            )
        elif isinstance(event, StepEnded) and event.state != "done":
            self.failed = event
