"""`ejtui join`: the checklist without the full-screen app."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from ejtui.cleaning import clean
from ejtui.cli import interrupt
from ejtui.cli.arguments import UsageError
from ejtui.cli.configuration import addressed, read_configuration
from ejtui.cli.confirm import Unanswered, asker, refusal, show_question
from ejtui.cli.open_pair import open_pair, progress_of
from ejtui.cli.render.outcome import fill, reached
from ejtui.cli.render.progress import ProgressLine, Quiet
from ejtui.cli.render.text import wrapped
from ejtui.cli.result import CommandResult
from ejtui.cli.standing import add_standing
from ejtui.cluster.condition.membership import is_joined
from ejtui.cluster.facts.set_aside import SetAside
from ejtui.cluster.join import checklist, first_change, forecast
from ejtui.cluster.join import closing as closings
from ejtui.cluster.join.checklist import StepStatus
from ejtui.cluster.join.runner import Runner
from ejtui.cluster.join.steps import STEPS
from ejtui.cluster.join.steps.cleandb import CleanDb
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.question import Question
from ejtui.cluster.run.events import Aside, Event, StepEnded, StepStarted
from ejtui.cluster.run.resume import Resuming
from ejtui.config import Config
from ejtui.config.checks import nearest

HOST_SECONDS = 600.0
"""A host that was reached and is lost is waited for so long."""

_PLAN = "ejtui plan"
"""What shows each step of a join before it is answered."""

_CHANGING = {step.id for step in STEPS if step.changes}


def run(args: Namespace, answer: CommandResult) -> int:
    """Run what is not done; 0 when it is all done, 1 when a step failed or was refused.

    3 when a host was not reached; one that was, and is lost, is waited for first.
    """
    ids = [step.id for step in STEPS]
    if args.until is not None and args.until not in ids:
        raise UsageError(
            f"--until: there is no step {args.until!r}{nearest(args.until, tuple(ids))}\n"
            f"  the steps are: {', '.join(ids)}"
        )
    config = read_configuration(args)
    return interrupt.run(_joined(config, args.until or ids[-1], args, answer))


async def _joined(config: Config, until: str, args: Namespace, answer: CommandResult) -> int:
    progress = progress_of(args, answer)
    async with open_pair(config, progress.paused) as pair:
        try:
            return await _run(pair, until, args, answer, progress)
        except BaseException as error:
            await add_standing(answer, pair, error, args)
            # What was seen last; it is not asked again on the way out.
            fill(answer, pair.facts, checklist.views(pair, pair.facts))
            raise


async def _run(
    pair: Pair, until: str, args: Namespace, answer: CommandResult, progress: ProgressLine | Quiet
) -> int:
    watcher = _Watcher(answer)
    answer.data |= {"changed": False, "set_aside": SetAside().to_json(), "backup": None}

    def emit(event: Event) -> None:
        watcher(event)
        progress(event)

    resuming = Resuming(pair, emit)
    asks = asker(
        yes=args.yes,
        accept=args.accept,
        paused=progress.paused,
        worded=progress.worded,
        shows=lambda question: show_question(question, answer, progress),
        shown_by=_PLAN,
    )
    runner = Runner(pair, asks, resuming.hear, asks_first=not args.yes)
    views = await runner.checklist()
    await _refuse_what_asks(views, pair, until, args, answer)
    async with progress:
        try:
            well = await resuming.run(lambda: runner.run_on(until), HOST_SECONDS)
        except Unanswered:
            # Before the step that asked had changed anything.
            answer.data["changed"] = watcher.changed
            raise
    fill(answer, pair.facts, await runner.checklist())
    if well:
        await _close(pair, runner, watcher, args, answer)
        return 0
    if watcher.failed is not None:
        failed = watcher.failed
        answer.data["error"] = {"kind": "step", "step": failed.id, "message": failed.detail}
    return 1 if reached(pair.facts) else 3


async def _close(
    pair: Pair, runner: Runner, watcher: _Watcher, args: Namespace, answer: CommandResult
) -> None:
    """Shows what the join did, where this run has ended one."""
    if not watcher.changed or not is_joined(pair.facts):
        return
    closing = await closings.read(pair, runner.journal, watcher.aside)
    answer.data["second_down_seconds"] = closing.down
    if not answer.json:
        print()
        for text in addressed(closing.lines(), args):
            print("\n".join(wrapped(clean(text))))


async def _refuse_what_asks(
    views: Sequence[StepStatus], pair: Pair, until: str, args: Namespace, answer: CommandResult
) -> None:
    """Before anything is changed: what will need a yes or a word cannot get one here.

    What would be set aside is read and named first. Raises Unanswered.
    """
    for view in views:
        questions = () if view.state.done else view.step.takes(pair.facts)
        refused = _refused(questions, args)
        if refused is not None and isinstance(view.step, CleanDb):
            aside = await forecast.read(pair, pair.facts)
            if answer.json:
                answer.data["set_aside"] = aside.to_json()
            refused = _refused(first_change.questions(pair.facts, aside.lines()), args)
        if refused is not None:
            raise refused
        if view.id == until:
            return


def _refused(questions: Sequence[Question], args: Namespace) -> Unanswered | None:
    """The first of them that nobody answers here."""
    refusals = (
        refusal(each, yes=args.yes, accept=args.accept, shown_by=_PLAN) for each in questions
    )
    return next((each for each in refusals if each is not None), None)


class _Watcher:
    """Keeps what the command reports at its end, whichever way it ends."""

    def __init__(self, answer: CommandResult) -> None:
        self._answer = answer
        self.failed: StepEnded | None = None
        self.changed = False
        self.aside: SetAside | None = None
        self._started: set[str] = set()

    def __call__(self, event: Event) -> None:
        if isinstance(event, Aside):
            self.aside = event.what
            self._answer.data["backup"] = event.place
            if self._answer.json:
                self._answer.data["set_aside"] = event.what.to_json()
        if isinstance(event, StepStarted):
            self._started.add(event.id)
            self._answer.data["changed"] = self.changed or event.id in _CHANGING
            step = event.operation
            self._answer.standing = (
                f"It stopped in step {step.number}, {step.title.lower()}; "
                "what was done before stays done.\n"
                "  `ejtui join` again goes on from where the nodes stand then; "
                "`ejtui status` shows it."
            )
        elif isinstance(event, StepEnded):
            self._ended(event)

    def _ended(self, event: StepEnded) -> None:
        # A step that is still to do was refused, or not started.
        self.changed = self._answer.data["changed"] = self.changed or (
            event.id in self._started & _CHANGING and event.state != "todo"
        )
        if event.state != "done":
            self.failed = event
