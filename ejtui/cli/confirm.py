"""Questions to a person at the terminal the command runs on."""

from __future__ import annotations

import sys
import termios
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from ejtui.cleaning import clean
from ejtui.cli.render.progress import ProgressLine, Quiet
from ejtui.cli.render.steps_text import command_lines
from ejtui.cli.render.text import Worded, wrapped
from ejtui.cli.result import CommandResult
from ejtui.cli.terminal_line import read_typed
from ejtui.cluster.question import AskOperator, Question

TAKEN_SHOWN = 20


class Unanswered(Exception):
    """A question that nobody answered; `question` is the one, `kind` a stable word for scripts.

    `noted` is what the journal keeps of it: without the lines that it would change.
    """

    kind = "needs-yes"

    def __init__(self, question: Question, why: str, what_next: str) -> None:
        shown = "\n".join(question_lines(question))
        super().__init__(f"{why}:\n{shown}\n  {what_next}")
        self.question = question
        self.noted = f"{why}:\n{clean(question.title)}"


class NoTerminal(Unanswered):
    """A destructive act wanted a yes and there is nobody to ask."""

    def __init__(self, question: Question, shown_by: str = "") -> None:
        also = f" and `{shown_by}`" if shown_by else ""
        super().__init__(
            question,
            "this needs a yes, and there is no terminal to ask on",
            f"to do it without being asked: --yes, after reading this{also}",
        )


class NotAccepted(Unanswered):
    """A question wants its own word, which neither the command line nor a person gave."""

    kind = "needs-consent"

    def __init__(self, question: Question) -> None:
        super().__init__(
            question,
            f"this needs more than a yes: the word {question.consent}",
            f"if that is what you want: --accept {question.consent}",
        )


def question_lines(question: Question) -> list[str]:
    """What is asked, what it takes and what follows, as clean lines of 80 columns at most.

    A diff has its lines as they are.
    """
    rest = len(question.takes) - TAKEN_SHOWN
    more = [f"and {rest} more"] if rest > 0 else []
    lines = _wrapped(question.title)
    for taken in [*question.takes[:TAKEN_SHOWN], *more]:
        lines += _wrapped(taken, "  - ", "    ")
    lines += [clean(each) for each in question.diff]
    lines += _wrapped(question.consequence)
    if question.commands:
        lines.append("It runs:")
    return [*lines, *command_lines(question.commands, "  ")]


def _wrapped(text: str, begin: str = "", further: str = "") -> list[str]:
    return wrapped(clean(text), begin, further)


def refusal(
    question: Question, *, yes: bool, accept: Collection[str], shown_by: str = ""
) -> Unanswered | None:
    """Why this question cannot be answered with yes here; None where it can, or can be asked.

    With `yes` nobody is asked, not even for a word. `shown_by` is the command that shows what a
    yes runs, where there is one.
    """
    if _is_answered(question, yes, accept):
        return None
    if question.consent and (yes or not on_terminal()):
        return NotAccepted(question)
    return None if on_terminal() else NoTerminal(question, shown_by)


def _is_answered(question: Question, yes: bool, accept: Collection[str]) -> bool:
    if question.consent:
        return question.consent in accept
    return yes or not question.destructive


def asker(
    *,
    yes: bool,
    accept: Collection[str] = (),
    paused: Callable[[], AbstractContextManager[None]] = nullcontext,
    shows: Callable[[Question], None] = lambda _: None,
    shown_by: str = "",
    worded: Worded = tuple,
) -> AskOperator:
    """What the cluster asks: answers with `yes` and `accept` where they suffice, else asks.

    `accept` has the words given for questions that want one. While a person is asked, `paused`
    keeps everything else off the terminal. `shows` gets a question that takes something and is
    answered without being asked; `shown_by` is as in refusal(); `worded` gives the commands in what
    is asked as they reach this pair. Raises NoTerminal from the
    question when there is nobody to ask, and NotAccepted when its word was not given.
    """

    async def agreed(question: Question) -> bool:
        if _is_answered(question, yes, accept):
            if question.destructive or question.consent:
                shows(question)
            return True
        refused = refusal(question, yes=yes, accept=accept, shown_by=shown_by)
        if refused is not None:
            raise refused
        with paused():
            return await read_question(_with_commands(question, worded))

    return agreed


async def read_question(question: Question) -> bool:
    """Put the question to the person at the terminal, who must type a yes, or its word."""
    # On standard error, so that it is seen also where standard output goes into a file.
    print("\n".join(question_lines(question)), file=sys.stderr, flush=True)
    wanted = question.consent or "yes"
    answer = await _read_line(f"{clean(question.yes_label)}? Type {clean(wanted)} to go on: ")
    accepted = (wanted.lower(),) if question.consent else ("yes", "y")
    return answer.strip().lower() in accepted


def show_question(
    question: Question, answer: CommandResult, progress: ProgressLine | Quiet
) -> None:
    """Print a question that an option has answered, before it is acted on."""
    if not answer.json:
        with progress.paused():
            shown = _with_commands(question, progress.worded)
            print("\n".join(question_lines(shown)), flush=True)


def _with_commands(question: Question, worded: Worded) -> Question:
    """The question, whose commands reach this pair."""
    takes, [consequence] = worded(question.takes), worded((question.consequence,))
    return replace(question, takes=tuple(takes), consequence=consequence)


def on_terminal() -> bool:
    """Whether somebody sees a question and can answer it."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


async def _read_line(prompt: str) -> str:
    """One line typed at the terminal; empty at its end. Cancelling it leaves the terminal alone.

    What was typed before the question could be read is dropped.
    """
    termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
    print(prompt, end="", file=sys.stderr, flush=True)
    return (await read_typed(sys.stdin.fileno(), echo=True)).decode(errors="replace")
