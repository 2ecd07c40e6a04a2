"""The checklist as text: each step with its state, its exact commands, where and as whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ejtui.cleaning import clean
from ejtui.cli.render.finding_text import finding_lines
from ejtui.cli.render.signs import Signs
from ejtui.cli.render.text import Worded, wrapped
from ejtui.cluster.acts.act import Command
from ejtui.cluster.acts.command_words import is_words, within
from ejtui.cluster.join.checklist import StepStatus
from ejtui.cluster.run.operation import Operation

INDENT = "     "
"""What belongs to a step stands below its title."""


def title(operation: Operation) -> str:
    """A step's number and title, as every list of steps shows them; what is no step has none."""
    return f"{operation.number:>2} {operation.title}" if operation.number else operation.title


def outcome(state: str, detail: str) -> list[str]:
    """A step's state and its detail; further lines of that, a log's, follow below."""
    brief, *more = clean(detail.strip(), lines=True).split("\n")
    return [f"{state}, {brief}" if brief else state, *(f"{INDENT}{line}" for line in more)]


def checklist_lines(
    views: Sequence[StepStatus], signs: Signs, worded: Worded = tuple
) -> Iterator[str]:
    """All steps; the commands are never broken, so that they can be copied.

    `worded` gives ejtui's own commands as they reach this pair.
    """
    for view in views:
        state = view.state
        ended, *more = worded(outcome(state.state, state.detail))
        yield from wrapped(
            f"{title(view.step.operation)}: {ended}", f"{signs.of(state.state)} ", INDENT
        )
        yield from more
        for finding in state.findings:
            yield from finding_lines(finding, INDENT, worded=worded)
        yield from _command_lines(view.commands)


def _command_lines(commands: Sequence[Command]) -> Iterator[str]:
    for where, group in groupby(commands, key=_where):
        yield f"     {where}:"
        for command in group:
            yield from (f"       {line}" for line in clean(command.text, lines=True).split("\n"))


def command_lines(commands: Sequence[Command], indent: str) -> list[str]:
    """Commands of a question or a repair, never broken: they can be copied.

    One a line; one of several lines stands below where it is run. Words for what is done are
    wrapped.
    """
    made: list[str] = []
    for each in commands:
        rows = clean(each.text, lines=True).split("\n")
        line = f"{indent}{_where(each)}: {rows[0]}"
        if is_words(each.place, each.text):
            made += wrapped(line.strip(), indent, f"{indent}  ")
        elif len(rows) == 1:
            made.append(line)
        else:
            made += [f"{indent}{_where(each)}:", *(f"{indent}  {row}" for row in rows)]
    return made


def _where(command: Command) -> str:
    inside = within(command.place, command.text)
    behind = f", {inside}" if inside else ""
    return f"on {clean(command.host)} as {clean(command.as_user)}{behind}"
