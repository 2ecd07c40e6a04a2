"""Each question of the probe's Erlang program has its declaration, and the reverse."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import ejtui
from ejtui.erlang.probe import questions

PACKAGE = Path(ejtui.__file__).parent
PROBE = PACKAGE / "erlang" / "probe"
OWN = {"cancel"}
"""What the client sends without waiting for an answer."""


def answered() -> set[str]:
    """What the Erlang program answers."""
    text = (PROBE / "source" / "ejtui_questions.erl").read_text()
    return set(re.findall(r"^answer\((\w+), ", text, re.MULTILINE)) - {"Name"}


def asked(source: Path) -> list[str]:
    """The questions that a module asks a probe."""
    return [
        call.args[0].value
        for call in ast.walk(ast.parse(source.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        if call.func.attr == "ask" and call.args
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    ]


def test_what_is_declared_is_what_the_program_answers() -> None:
    declared = [name for source in PROBE.rglob("*.py") for name in asked(source)]
    assert {*declared, *OWN} == answered()
    once = [name for source in (PROBE / "questions").glob("*.py") for name in asked(source)]
    assert len(once) == len(set(once)), "each in one place"


def test_nothing_else_asks_a_probe() -> None:
    elsewhere = [
        f"{source.relative_to(PACKAGE)}: {name}"
        for source in PACKAGE.rglob("*.py")
        if PROBE not in source.parents and "lab" not in source.parts
        for name in asked(source)
    ]
    untyped = [
        str(source.relative_to(PACKAGE))
        for source in PACKAGE.rglob("*.py")
        if PROBE not in source.parents and "probe.ask(" in source.read_text()
    ]
    assert elsewhere == untyped == []


def test_the_names_of_questions_are_all_given_on() -> None:
    assert len(set(questions.__all__)) == len(questions.__all__)
    for name in questions.__all__:
        assert hasattr(questions, name)
