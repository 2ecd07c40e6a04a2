"""Questions: to the person at the terminal, or to nobody."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pexpect
import pytest

from ejtui.cli.arguments import CONSENTS, UsageError, parse
from ejtui.cli.confirm import TAKEN_SHOWN, NotAccepted, NoTerminal, asker, question_lines
from ejtui.cli.errors import explain
from ejtui.cli.result import CommandResult
from ejtui.cluster.administration import meanings
from ejtui.cluster.backups.rollback import account_list, damaged_files, lost_files
from ejtui.cluster.backups.tables import table_check
from ejtui.cluster.join import pair_state
from ejtui.cluster.journal import Journal
from ejtui.cluster.operations import agreement, set_aside
from ejtui.cluster.question import Question
from ejtui.cluster.run.locked_run import locked
from tests.patience import SECONDS

QUESTION = Question(
    title="second's database goes into a backup",
    takes=("1 account: guest\x1b[2J@chat.example",),
    consequence="ejtui rollback brings it back.",
    yes_label="Set it aside",
)
SWAPPED = replace(QUESTION, consent="swapped-roles")
ASK = f"""
import asyncio
from ejtui.cli.confirm import asker
from ejtui.cluster.question import Question
from ejtui.cluster.run.locked_run import locked
print("answered", asyncio.run(asker(yes=False)({QUESTION!r})))
"""

ASK_WORD = ASK.replace(repr(QUESTION), repr(SWAPPED))
ASK_LATE = ASK.replace("print(", "input()\nprint(", 1)
"""Asks only after a first line was read, so that more can be typed before the question stands."""


@pytest.fixture(autouse=True)
def _terminal_without_replies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The terminal of pexpect replies to nothing, and need not be waited for."""
    monkeypatch.setenv("TERM", "dumb")


async def test_yes_answers_by_itself() -> None:
    assert await asker(yes=True)(QUESTION)


async def test_nobody_to_ask_is_a_refusal_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ejtui.cli.confirm.on_terminal", lambda: False)
    with pytest.raises(NoTerminal, match="--yes") as caught:
        await asker(yes=False)(QUESTION)
    assert "guest" in str(caught.value)
    assert "ejtui plan" not in str(caught.value), "it shows the join alone"
    with pytest.raises(NoTerminal, match="and `ejtui plan`"):
        await asker(yes=False, shown_by="ejtui plan")(QUESTION)


@pytest.mark.parametrize(
    ("typed", "answer"), [("yes", True), ("Y", True), ("", False), ("no", False), ("yess", False)]
)
def test_the_person_at_the_terminal(typed: str, answer: bool) -> None:
    child = pexpect.spawn(sys.executable, ["-c", ASK], encoding="utf-8", timeout=SECONDS)
    child.expect_exact("Set it aside? Type yes to go on: ")
    assert r"guest\x1b[2J@chat.example" in str(child.before)
    child.sendline(typed)
    child.expect_exact(f"answered {answer}")
    child.expect(pexpect.EOF)
    child.close()


def test_the_end_of_input_is_a_no() -> None:
    child = pexpect.spawn(sys.executable, ["-c", ASK], encoding="utf-8", timeout=SECONDS)
    child.expect_exact("Type yes to go on: ")
    child.sendeof()
    child.expect_exact("answered False")
    child.expect(pexpect.EOF)
    child.close()


def test_a_long_list_is_cut_with_its_number() -> None:
    takes = tuple(f"account {n}" for n in range(TAKEN_SHOWN + 7))
    lines = question_lines(Question("title", takes, "consequence " * 20, "yes"))
    assert "  - and 7 more" in lines
    assert max(map(len, lines)) <= 80


async def test_a_yes_alone_is_not_enough_where_a_word_is_wanted() -> None:
    with pytest.raises(NotAccepted, match="--accept swapped-roles") as caught:
        await asker(yes=True)(SWAPPED)
    assert "guest" in str(caught.value)
    assert "ejtui rollback brings it back." in str(caught.value)


async def test_the_word_answers_its_own_question_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ejtui.cli.confirm.on_terminal", lambda: False)
    asks = asker(yes=False, accept=["other", "swapped-roles"])
    assert await asks(SWAPPED)
    with pytest.raises(NoTerminal, match="--yes"):
        await asks(QUESTION)
    with pytest.raises(NotAccepted, match="--accept other-cluster"):
        await asks(replace(QUESTION, consent="other-cluster"))


async def test_a_word_is_wanted_also_where_nothing_is_destroyed() -> None:
    with pytest.raises(NotAccepted):
        await asker(yes=True)(replace(SWAPPED, destructive=False))


async def test_a_refusal_has_the_question_in_json() -> None:
    with pytest.raises(NotAccepted) as caught:
        await asker(yes=True)(SWAPPED)
    told = explain(caught.value, CommandResult()).to_json()
    assert told["kind"] == "needs-consent"
    assert told["question"] == SWAPPED.to_json()
    assert SWAPPED.to_json()["consent"] == "swapped-roles"


@pytest.mark.parametrize("command", ["join", "repair code", "rollback", "bring-over"])
def test_words_can_be_given_more_than_once(command: str) -> None:
    args = parse([*command.split(), "--accept", "lock-lost", "--accept", "swapped-roles"])
    assert args.accept == ["lock-lost", "swapped-roles"]
    assert parse(command.split()).accept == []


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("swapped-roles", True), ("Swapped-Roles ", True), ("yes", False), ("y", False), ("", False)],
)
def test_at_a_terminal_the_word_is_typed(typed: str, answer: bool) -> None:
    child = pexpect.spawn(sys.executable, ["-c", ASK_WORD], encoding="utf-8", timeout=SECONDS)
    child.expect_exact("Set it aside? Type swapped-roles to go on: ")
    child.sendline(typed)
    child.expect_exact(f"answered {answer}")
    child.expect(pexpect.EOF)
    child.close()


def test_what_was_typed_before_the_question_does_not_answer_it() -> None:
    child = pexpect.spawn(sys.executable, ["-c", ASK_LATE], encoding="utf-8", timeout=SECONDS)
    child.send("go on\nyes\nye")
    child.expect_exact("Type yes to go on: ")
    child.sendline("no")
    child.expect_exact("answered False")
    child.expect(pexpect.EOF)
    child.close()


def asking_on_a_vt100() -> pexpect.spawn[str]:
    """What asks, on a terminal that replies to what it is asked itself."""
    env = {**os.environ, "TERM": "vt100"}
    return pexpect.spawn(sys.executable, ["-c", ASK], encoding="utf-8", timeout=SECONDS, env=env)


def test_what_was_typed_before_the_terminal_painted_the_question_is_no_answer() -> None:
    child = asking_on_a_vt100()
    child.expect_exact("Type yes to go on: ")
    # On a slow connection the question is not on the screen yet; the terminal's own reply shows
    # when it is.
    child.send("yes\n")
    child.expect_exact("\x1b[5n")
    child.send("\x1b[0n")
    child.send("no\n")
    child.expect_exact("answered False")
    child.expect(pexpect.EOF)
    child.close()


def test_what_is_typed_after_the_terminals_reply_answers() -> None:
    child = asking_on_a_vt100()
    child.expect_exact("\x1b[5n")
    child.send("no\n\x1b[0nye")
    child.send("s\n")
    child.expect_exact("answered True")
    child.expect(pexpect.EOF)
    child.close()


def test_a_word_that_no_question_wants_is_a_wrong_command_line() -> None:
    with pytest.raises(UsageError, match="did you mean password-format") as caught:
        parse(["join", "--accept", "pasword-format"])
    assert "ejtui join" in str(caught.value)


def test_the_words_are_those_of_the_questions() -> None:
    assert set(CONSENTS) == {
        account_list.CONSENT,
        meanings.REFUSED,
        damaged_files.CONSENT,
        lost_files.CONSENT,
        table_check.CONSENT,
        pair_state.CONSENT,
        agreement.MIXED_RELEASE,
        agreement.OTHER_CLUSTER,
        agreement.STORED_FORMAT,
        set_aside.SWAPPED,
        set_aside.UNKNOWN,
    }


async def test_the_journal_keeps_no_line_of_what_nobody_agreed_to(tmp_path: Path) -> None:
    """It keeps what was asked; the error itself shows the lines."""
    seen: list[str] = []
    context: Any = SimpleNamespace(
        operation=SimpleNamespace(id="settings", title="Settings"), guard=None, id="settings",
        journal=Journal(tmp_path / "journal", "pair"), report=seen.append, emit=seen.append,
        pair=SimpleNamespace(second=None),
    )  # fmt: skip
    question = Question("Write it?", (), "", "Write it", diff=("+motd: hello",))
    lock: Any = SimpleNamespace(held=True, forget=lambda: None, take=_taken)
    with (
        mock.patch("ejtui.cluster.run.locked_run.note_hosts"),
        mock.patch("ejtui.cluster.run.locked_run.note_nodes"),
        pytest.raises(NoTerminal, match="motd: hello"),
    ):
        async with locked(context, lock):
            raise NoTerminal(question)
    assert "Write it?" in str(seen)
    assert "motd" not in str(seen)


async def _taken(_: str) -> None:
    """Nobody else has it."""
