"""No word of what the command line prints is broken at 80 columns."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pytest

from ejtui.cli.confirm import question_lines
from ejtui.cli.render.finding_text import finding_lines
from ejtui.cli.render.progress import ProgressLine
from ejtui.cli.render.sides import side_by_side
from ejtui.cli.render.text import flowed
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.cluster.finding import Finding
from ejtui.cluster.question import Question
from ejtui.cluster.run.events import StepEnded
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
