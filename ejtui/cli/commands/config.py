"""`ejtui config`: what both ejabberds have loaded, compared; and carried over to second."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence

from ejtui.cleaning import clean
from ejtui.cli import interrupt
from ejtui.cli.arguments import UsageError
from ejtui.cli.configuration import read_configuration
from ejtui.cli.confirm import asker, show_question
from ejtui.cli.open_pair import open_pair, progress_of
from ejtui.cli.render.text import wrapped
from ejtui.cli.result import CommandResult
from ejtui.cluster.administration.difference import Difference
from ejtui.cluster.administration.new_value import NewValue, holds_secret, read_value
from ejtui.cluster.carry_over import comparison
from ejtui.cluster.carry_over.request import Wanted
from ejtui.cluster.carry_over.run import Taken, take
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.run.events import Event, FileWritten
from ejtui.config import Config

_WRITTEN = (
    "What was asked for is written on second, and was not compared afterwards: `ejtui config` "
    "compares."
)


def run(args: Namespace, answer: CommandResult) -> int:
    """Print what differs, or take what is asked for; 0 where nothing that matters differs then.

    1 also where ejabberd does not run on both nodes, and 3 when a host was not reached.
    """
    if (args.take or args.set) and args.all:
        raise UsageError("--take and --set name options and --all takes every one: give one")
    answer.data["changed"] = False
    config = read_configuration(args)
    wanted = Wanted(tuple(args.take), tuple(_values(args.set)))
    if args.all or not wanted.everything:
        done = interrupt.run(_taken(config, args, wanted, answer))
        answer.data |= done.to_json()
        differences, lines, unknown = done.differences, [*_taken_lines(done)], done.not_compared
        pending = ""
    else:
        differences, pending = interrupt.run(_compared(config))
        lines, unknown = [], ""
        if pending:
            answer.data["not_loaded"] = pending
    answer.data["differences"] = [each.to_json() for each in differences]
    if not answer.json:
        found = [*_unknown_lines(unknown)] if unknown else [*difference_lines(differences)]
        print("\n".join([*lines, *found, *wrapped(clean(pending), "", "")]))
    return 1 if differences or unknown else 0


async def _compared(config: Config) -> tuple[tuple[Difference, ...], str]:
    async with open_pair(config) as pair:
        _refuse_unreached(pair)
        await pair.refresh()
        return await comparison.with_ways_on(pair)


def _values(given: Sequence[str]) -> Iterator[NewValue]:
    """What --set names; a value that is not on the command line is read from standard input.

    Raises UsageError for a secret on the command line, and for what is no YAML.
    """
    if sum("=" not in each for each in given) > 1:
        raise UsageError("--set without =VALUE reads standard input: give one such option")
    for each in given:
        name, there, text = each.partition("=")
        option, _, host = name.partition("@")
        if not option:
            raise UsageError(f"--set wants OPTION=YAML, not {clean(each)!r}")
        if there and holds_secret(option, None):
            raise UsageError(_secret(option))
        try:
            value = read_value(option, text if there else sys.stdin.read(), host)
        except StepFailed as error:
            raise UsageError(str(error)) from None
        if there and value.secrets:
            raise UsageError(_secret(option))
        yield value


def _secret(option: str) -> str:
    return (
        f"--set {option}: a secret on a command line can be seen by others. Leave out the value, "
        f"and give it on standard input: `ejtui config --set {option} --yes <FILE`"
    )


async def _taken(config: Config, args: Namespace, wanted: Wanted, answer: CommandResult) -> Taken:
    progress = progress_of(args, answer)
    async with open_pair(config, progress.paused) as pair:
        _refuse_unreached(pair)
        asks = asker(
            yes=args.yes,
            accept=args.accept,
            paused=progress.paused,
            worded=progress.worded,
            shows=lambda question: show_question(question, answer, progress),
        )
        async with progress:

            def heard(event: Event) -> None:
                if isinstance(event, FileWritten):
                    answer.data["changed"] = True
                    answer.standing = _WRITTEN
                progress(event)

            return await take(pair, wanted, asks, heard)


def _refuse_unreached(pair: Pair) -> None:
    for node in (pair.first, pair.second):
        if node.trouble is not None:
            raise node.trouble


def _taken_lines(done: Taken) -> Iterator[str]:
    for each in done.evidence:
        yield from wrapped(clean(each), "", "  ")
    for each in done.left:
        yield from wrapped(f"left as it is: {clean(each)}", "", "  ")


def _unknown_lines(why: str) -> Iterator[str]:
    yield from wrapped(
        f"What both nodes have loaded could not be compared: {clean(why)}.", "", "  "
    )


def difference_lines(differences: Sequence[Difference]) -> Iterator[str]:
    """Each difference with what follows from it, no line wider than a terminal."""
    for each in differences:
        mark = "stops a join" if each.meaning.serious else "a warning"
        yield from wrapped(clean(each.line), "", "  ")
        yield from wrapped(f"{each.meaning.code}, {mark}: {clean(each.meaning.text)}", "  ")
    if differences:
        count = len(differences)
        yield f"{count} difference{'' if count == 1 else 's'} between first and second."
    else:
        yield "Both nodes have loaded the same, in what matters to a cluster."
