"""No word of what the command line prints is broken at 80 columns."""

from __future__ import annotations

import io
from argparse import Namespace
from collections.abc import Iterable
from functools import partial

import pytest

from ejtui.cli.configuration import addressed
from ejtui.cli.confirm import question_lines
from ejtui.cli.render.condition_text import condition_lines
from ejtui.cli.render.finding_text import finding_lines
from ejtui.cli.render.progress import ProgressLine
from ejtui.cli.render.sides import side_by_side
from ejtui.cli.render.steps_text import command_lines
from ejtui.cli.render.text import flowed, wrapped
from ejtui.cluster.acts.act import Command
from ejtui.cluster.condition.condition import Condition, Situation
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.cluster.finding import Finding
from ejtui.cluster.question import Question
from ejtui.cluster.run.events import StepEnded
from ejtui.ui.text.lines import plain, wrap
from tests.samples import step

PATH = "/var/lib/ejabberd/ejtui-backups/20261128T221530Z/database/a-table-of-some-module.DCD"
ACCOUNT = "b100@a-rather-long-domain-of-a-company.example"
NODE = "ejabberd@a-host-with-a-rather-long-name.example.net"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _is_whole(lines: Iterable[str], *words: str) -> None:
    shown = list(lines)
    assert all(any(word in line for line in shown) for word in words), shown
    # A line is too long for one word alone.
    assert not [line for line in shown if len(line) > 80 and len(line.split()) > 2], shown


def test_a_finding() -> None:
    finding = Finding("dir-root-owned", "x", "second", (f"owned by root: {PATH}",), PATH, PATH)
    _is_whole(finding_lines(finding, "     "), PATH)


def test_a_question() -> None:
    takes = (f"the account {ACCOUNT} which second alone has, and no backup of any kind has it yet",)
    question = Question("title " * 20, takes, f"they go to {PATH}", yes_label="go on")
    _is_whole(question_lines(question), ACCOUNT, PATH)


def test_both_sides() -> None:
    one = NodeFacts(name="first", node=NODE, vm="up")
    lines = side_by_side(PairFacts(one, NodeFacts(name="second", node="ejabberd@second", vm="up")))
    _is_whole(lines, NODE)
    at = lines.index("node")
    assert [line.split() for line in lines[at + 1 : at + 3]] == [[NODE], ["ejabberd@second"]]


async def test_a_step_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out = _Terminal()
    async with ProgressLine(out) as progress:
        evidence = (f"39 files in the directory {PATH} have the checksums of before, all of them",)
        progress(StepEnded(step("cleandb"), "done", f"{ACCOUNT} and others, " * 3, evidence))
    _is_whole(out.getvalue().replace("\r\x1b[K", "").splitlines(), PATH, ACCOUNT)


def test_what_is_too_wide_stands_below_its_indentation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    text = "title\n    " + "word " * 12
    assert flowed(text, _Terminal()).splitlines() == [
        "title",
        "    word word word word word word word",
        "      word word word word word",
    ]
    assert flowed(text, io.StringIO()) == text


@pytest.mark.parametrize("before", range(30, 76))
def test_a_command_in_a_sentence_stays_whole(before: int) -> None:
    command = "`ejtui rollback --without-first`"
    lines = wrapped(f"{'x' * before} {command} goes on from there, and so it is wherever it stands")
    assert any(command in line for line in lines), lines
    assert all(len(line) <= 80 for line in lines)
    shown = [plain(row) for row in wrap(f"{'x' * (before - 20)} {command} goes on", 60)]
    assert any(command in row for row in shown), shown


def test_a_command_that_fits_no_line_has_one_alone() -> None:
    """The terminal carries it on, and it can be copied whole."""
    command = "`" + "word " * 30 + "end`"
    assert wrapped(f"Then {command}, and read on.") == ["Then", f"{command},", "and read on."]


def test_a_command_in_a_line_of_its_own_is_left_to_the_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    commands = (
        Command("second", "root", "shell", "install -d -m 700 " + "/a/long/directory " * 8),
        Command("second", "ejabberd", "erl", "io:format(1, [" + "{a, tuple}, " * 12 + "b])."),
        Command("second", "root", "shell", "cat > file <<E\nfirst line\nE"),
    )  # fmt: skip
    lines = command_lines(commands, "  ")
    assert flowed("\n".join(lines), _Terminal()).split("\n") == lines
    assert lines[-3:] == ["    cat > file <<E", "    first line", "    E"]
    history = "  10:00:01  $ root on second: systemctl " + "restart ejabberd " * 8
    assert flowed(history, _Terminal()) == history
    evidence = "  10:00:01  both nodes " + "report the same " * 8
    assert "\n" in flowed(evidence, _Terminal())


def test_commands_of_this_pair_are_in_place_before_lines_are_wrapped() -> None:
    """A line is as wide as a terminal, or a command alone, which can be copied whole."""
    args = Namespace(config="/root/.local/state/ejtui/lab/config.toml", first=None, second=None)
    text = (
        "A join stands at step 5, Clean database: second still has its own database. `ejtui join` "
        "goes on from there, `ejtui rollback 20260101T000000Z` undoes it."
    )
    state = Condition(Situation.HALF_DONE, False, "", text, "ejtui join")
    lines = list(condition_lines(state, partial(addressed, args=args)))
    command = f"ejtui --config {args.config}"
    assert f"`{command} rollback 20260101T000000Z`" in lines
    assert lines[-1] == f"Next: {command} join"
    assert [each for each in lines if len(each) > 80 and not each.startswith("`")] == []
    assert " ".join(lines) == " ".join(addressed(state.lines(), args))


def test_words_for_what_is_done_are_wrapped_and_commands_are_not() -> None:
    words = "register ejabberd@second at epmd meanwhile, so that nothing starts it from its disc."
    typed = "install -d -m 700 " + "/a/long/directory " * 8
    lines = command_lines(
        (Command("second", "ejabberd", "erl", words), Command("second", "root", "shell", typed)),
        "  ",
    )
    assert lines == [
        "  on second as ejabberd, by ejtui's probe: register ejabberd@second at epmd",
        "    meanwhile, so that nothing starts it from its disc.",
        f"  on second as root: {typed}",
    ]
