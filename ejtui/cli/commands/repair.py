"""`ejtui repair CODE`: one finding's repair, and the check again."""

from __future__ import annotations

from argparse import Namespace
from functools import partial

from ejtui.cleaning import clean
from ejtui.cli import interrupt
from ejtui.cli.arguments import UsageError
from ejtui.cli.configuration import addressed, read_configuration
from ejtui.cli.confirm import asker, show_question
from ejtui.cli.errors import NotReached
from ejtui.cli.open_pair import open_pair, progress_of
from ejtui.cli.render.finding_text import finding_lines
from ejtui.cli.render.outcome import reached
from ejtui.cli.render.progress import ProgressLine, Quiet
from ejtui.cli.render.steps_text import command_lines
from ejtui.cli.result import CommandResult
from ejtui.cluster.acts.act import Command, watched
from ejtui.cluster.diagnosis.catalogue import CATALOGUE
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.finding import Finding
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.question import AskOperator, Question
from ejtui.cluster.repairs.registry import repairs
from ejtui.cluster.repairs.run import Preview, repair
from ejtui.cluster.run.events import Event, StepEnded
from ejtui.config import Config
from ejtui.config.checks import nearest


def run(args: Namespace, answer: CommandResult) -> int:
    """Repair the finding; 0 when the check no longer finds it, 1 when it stays or was refused.

    3 when a host was not reached.
    """
    if args.code is None:
        raise UsageError(
            "CODE is missing: which finding? `ejtui check` shows what there is now, and "
            f"`ejtui help findings` every code\n  with a repair: {', '.join(sorted(repairs()))}"
        )
    if args.code not in CATALOGUE:
        raise UsageError(
            f"there is no finding {args.code!r}{nearest(args.code, tuple(CATALOGUE))}; "
            "`ejtui help findings` lists them\n"
            f"  with a repair: {', '.join(sorted(repairs()))}"
        )
    answer.data["changed"] = False
    return interrupt.run(_repair(read_configuration(args), args, answer))


async def _repair(config: Config, args: Namespace, answer: CommandResult) -> int:
    progress = progress_of(args, answer)
    async with open_pair(config, progress.paused) as pair:
        for side in (pair.first, pair.second):
            if side.trouble is not None:
                raise side.trouble
        return await _run(pair, args, answer, progress)


async def _run(
    pair: Pair, args: Namespace, answer: CommandResult, progress: ProgressLine | Quiet
) -> int:
    code = args.code
    agreed = asker(
        yes=args.yes,
        accept=args.accept,
        paused=progress.paused,
        worded=progress.worded,
        shows=lambda question: show_question(question, answer, progress),
    )
    previewed = _Preview(answer, agreed)

    def ran(_: Command) -> None:
        answer.data["changed"] = True

    def emit(event: Event) -> None:
        progress(event)
        if isinstance(event, StepEnded) and event.operation.kind == "repair":
            answer.data["evidence"] = list(event.evidence)

    answer.standing = (
        f"It stopped in the repair of {code}; what was done before stays done.\n"
        f"  `ejtui repair {code}` again goes on from where the nodes stand then."
    )
    try:
        async with progress:
            with watched(ran):
                after = await repair(
                    pair,
                    code,
                    previewed.asks,
                    emit,
                    node=args.node,
                    shows=previewed.shows,
                    confirms=True,
                )
    except StepFailed as failed:
        answer.data |= pair.facts.to_json()
        answer.data["findings"] = [finding.to_json() for finding in failed.findings]
        if not reached(pair.facts):
            raise NotReached(f"{failed}\n{answer.standing}") from failed
        raise
    answer.data |= after.to_json()
    if not answer.json:
        for finding in after.findings:
            print("\n".join(finding_lines(finding, worded=partial(addressed, args=args))))
    return 0


class _Preview:
    """What is shown of a repair before it is done: printed, or kept for the object of `--json`."""

    def __init__(self, answer: CommandResult, agreed: AskOperator) -> None:
        self._answer = answer
        self._agreed = agreed
        self._questions: list[dict[str, object]] = []
        answer.data["questions"] = self._questions

    async def asks(self, question: Question) -> bool:
        """Asks; the question is kept even where nobody can be asked."""
        asked = question.to_json() | {"yes": None}
        self._questions.append(asked)
        asked["yes"] = yes = await self._agreed(question)
        return yes

    def shows(self, finding: Finding, preview: Preview) -> None:
        """What is wrong, and what will be run where and as whom."""
        self._answer.data |= {"finding": finding.to_json(), "repair": preview.to_json()}
        if not self._answer.json:
            print("\n".join(_shown(finding, preview)), flush=True)


def _shown(finding: Finding, preview: Preview) -> list[str]:
    lines = [*finding_lines(finding), f"  {preview.title}; {preview.cannot_undo}:"]
    lines += command_lines(preview.commands, "    ")
    if preview.backup:
        lines.append(f"  backed up before: {clean(preview.backup)}")
    return lines
