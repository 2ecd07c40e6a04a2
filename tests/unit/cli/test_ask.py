"""Questions: to the person at the terminal, or to nobody."""

from __future__ import annotations

import sys

import pexpect
import pytest

from ejtui.cli.ask import TAKEN_SHOWN, NoTerminal, asker, question_lines
from ejtui.cluster.question import Question

QUESTION = Question(
    title="second's database goes into a backup",
    takes=("1 account: guest\x1b[2J@chat.example",),
    consequence="ejtui rollback brings it back.",
    yes_label="Set it aside",
)
ASK = f"""
import asyncio
from ejtui.cli.ask import asker
from ejtui.cluster.question import Question
print("answered", asyncio.run(asker(yes=False)({QUESTION!r})))
"""


async def test_yes_answers_by_itself() -> None:
    assert await asker(yes=True)(QUESTION)


async def test_nobody_to_ask_is_a_refusal_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ejtui.cli.ask.on_terminal", lambda: False)
    with pytest.raises(NoTerminal, match="--yes") as caught:
        await asker(yes=False)(QUESTION)
    assert "guest" in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "answer"), [("yes", True), ("Y", True), ("", False), ("no", False), ("yess", False)]
)
def test_the_person_at_the_terminal(typed: str, answer: bool) -> None:
    child = pexpect.spawn(sys.executable, ["-c", ASK], encoding="utf-8", timeout=30)
    child.expect_exact("Set it aside? Type yes to go on: ")
    assert r"guest\x1b[2J@chat.example" in str(child.before)
    child.sendline(typed)
    child.expect_exact(f"answered {answer}")
    child.expect(pexpect.EOF)
    child.close()


def test_the_end_of_input_is_a_no() -> None:
    child = pexpect.spawn(sys.executable, ["-c", ASK], encoding="utf-8", timeout=30)
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
