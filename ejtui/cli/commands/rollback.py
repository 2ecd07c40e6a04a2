"""`ejtui rollback`: second back to what it was before the join."""

from __future__ import annotations

from argparse import Namespace

from ejtui.cleaning import clean
from ejtui.cli import interrupt
from ejtui.cli.arguments import UsageError
from ejtui.cli.configuration import read_configuration
from ejtui.cli.confirm import asker
from ejtui.cli.open_pair import open_pair, progress_of
from ejtui.cli.render.progress import ProgressLine, Quiet
from ejtui.cli.result import CommandResult
from ejtui.cli.standing import add_standing
from ejtui.cluster.backups import choice
from ejtui.cluster.backups.choice import Choice
from ejtui.cluster.backups.rollback.rollback import rollback
from ejtui.cluster.operations.without_first import refuse_unreached, worded
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.question import AskOperator, Question
from ejtui.cluster.run.operation import ROLLBACK
from ejtui.config import Config

_STANDING = (
    "It stopped in the rollback; what was done before stays done.\n"
    "  `{again}` again goes on from where the nodes stand then; "
    "`ejtui status` shows it."
)


def run(args: Namespace, answer: CommandResult) -> int:
    """Bring second's own database back; 0 when second runs on it again, without first."""
    answer.data["changed"] = False
    interrupt.run(_rolled_back(read_configuration(args), args, answer))
    return 0


async def _rolled_back(config: Config, args: Namespace, answer: CommandResult) -> None:
    progress = progress_of(args, answer)
    async with open_pair(config, progress.paused) as pair:
        try:
            await _run(pair, args, answer, progress)
        except BaseException as error:
            await add_standing(answer, pair, error, args)
            raise
        finally:
            answer.data |= pair.facts.to_json()


async def _run(
    pair: Pair, args: Namespace, answer: CommandResult, progress: ProgressLine | Quiet
) -> None:
    refuse_unreached(pair, ROLLBACK.id, without_first=args.without_first)
    if args.backup is None:
        _refuse_several(await choice.choice(pair), without_first=args.without_first)
    async with progress:
        answer.standing = _STANDING.format(
            again=worded("rollback", without_first=args.without_first)
        )
        asks = _noting(
            asker(yes=args.yes, accept=args.accept, paused=progress.paused, worded=progress.worded),
            answer,
        )
        done = await rollback(pair, args.backup, asks, progress, without_first=args.without_first)
    if answer.json:
        answer.data |= done.to_json()


def _noting(asks: AskOperator, answer: CommandResult) -> AskOperator:
    """The same; from a yes on something is changed."""

    async def agreed(question: Question) -> bool:
        yes = await asks(question)
        answer.data["changed"] = yes
        return yes

    return agreed


def _refuse_several(found: Choice, *, without_first: bool) -> None:
    """Where there is more than one backup to go back to, a person names it."""
    if found.is_plain or not found.fresh:
        return
    text = "there are several backups on second; name the one to go back to:"
    if found.warning:
        text = f"{found.warning}\n{text}"
    listed = choice.lines(found.all, without_first=without_first)
    raise UsageError(clean("\n".join([text, *listed]), lines=True))
