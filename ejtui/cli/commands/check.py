"""`ejtui check`: what is wrong with the pair, once; changes nothing."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from functools import partial

from ejtui.cleaning import clean
from ejtui.cli import interrupt
from ejtui.cli.configuration import addressed, read_configuration
from ejtui.cli.open_pair import open_pair
from ejtui.cli.render.condition_text import condition_lines
from ejtui.cli.render.finding_text import finding_lines
from ejtui.cli.render.outcome import reached
from ejtui.cli.render.signs import Signs, signs
from ejtui.cli.render.text import Worded, wrapped
from ejtui.cli.render.waiting import WaitingLine
from ejtui.cli.result import CommandResult
from ejtui.cluster.condition.condition import known_of
from ejtui.cluster.condition.next_command import repair_command_in
from ejtui.cluster.condition.situations import condition
from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.finding import Finding, counted
from ejtui.cluster.join.check import check
from ejtui.config import Config


def run(args: Namespace, answer: CommandResult) -> int:
    """Print the findings; 0 when there is none, 3 when a host was not reached.

    1 when there is one, when a join or a rollback stands half done, and while ejabberd starts.
    """
    seen = interrupt.run(_checked(read_configuration(args)))
    state = condition(seen.facts, known_of(seen))
    answer.data |= {**seen.to_json(), "joined": state.joined, "pair": state.to_json()}
    if not answer.json:
        worded = partial(addressed, args=args)
        print("\n".join(diagnosis_lines(seen, signs(sys.stdout), worded)))
    if not reached(seen.facts):
        return 3
    starts = seen.facts.first.starting or seen.facts.second.starting
    return 1 if seen.findings or seen.half_done or starts else 0


async def _checked(config: Config) -> Diagnosis:
    async with open_pair(config) as pair:
        with WaitingLine(sys.stderr).waiting("asking both nodes"):
            return await check(pair)


def diagnosis_lines(seen: Diagnosis, signs: Signs, worded: Worded = tuple) -> Iterator[str]:
    """The findings, worst first; then each layer with what was seen of it.

    `worded` gives the commands as they reach this pair.
    """
    for finding in seen.findings:
        command = repair_command_in(seen.facts, finding)
        if command.startswith("ejtui repair ") and _is_twice(finding, seen.findings):
            # Without it that repairs the first of them.
            command += f" --node {finding.node}"
        yield from finding_lines(finding, command=command, worded=worded)
        yield ""
    state = {True: "done", False: "failed", None: "half"}
    width = max(len(look.layer) for look in seen.looked_at)
    for look in seen.looked_at:
        first = f"{signs.of(state[look.well])} {look.layer:<{width}}  "
        yield from wrapped(clean(look.seen), first) or [first.rstrip()]
    yield ""
    for left_out in seen.examined.left_out:
        yield from wrapped(f"A backup is left out: {left_out}")
    yield from condition_lines(condition(seen.facts, known_of(seen)), worded)
    if seen.findings:
        more = " Start at the top." if len(seen.findings) > 1 else ""
        yield f"{counted(seen.findings)}.{more}"
    elif seen.half_done is None and not all(look.well for look in seen.looked_at):
        yield "Nothing wrong was found, but not every layer could be looked at."


def _is_twice(finding: Finding, findings: Sequence[Finding]) -> bool:
    """Whether another finding of that code is on the other node."""
    return len({each.node for each in findings if each.code == finding.code}) > 1
