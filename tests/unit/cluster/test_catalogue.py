"""Every code is declared once, and what is derived from the declarations fits together."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import ejtui
from ejtui import discovery
from ejtui.cluster.diagnosis.catalogue import CATALOGUE, RULES, in_order
from ejtui.cluster.diagnosis.declaration import LAYERS, Declaration, Kind, Rule
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.finding import Finding
from ejtui.cluster.repairs.registry import repairs, why_none
from ejtui.lab.faults import FAULTS, IMPOSSIBLE, listing

CLUSTER = Path(ejtui.__file__).parent / "cluster"


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_code_has_one_repair_or_says_what_to_do_instead(code: str) -> None:
    instead = CATALOGUE[code].instead
    assert instead or code in repairs(), f"{code} has no Repair: write in `instead` what to do"
    assert not (instead and code in repairs()), f"{code} has a Repair: it needs no `instead`"
    assert why_none(code) == CATALOGUE[code].instead


@pytest.mark.parametrize("code", CATALOGUE)
def test_the_lab_makes_a_code_or_it_says_why_not(code: str) -> None:
    why = CATALOGUE[code].not_in_lab
    assert why or code in FAULTS, f"{code} has no Fault: write in `not_in_lab` why"
    assert not (why and code in FAULTS), f"{code} has a Fault: it needs no `not_in_lab`"
    assert (code in IMPOSSIBLE) == bool(CATALOGUE[code].not_in_lab)


def test_whatever_repairs_or_makes_a_code_names_one_that_is_declared() -> None:
    assert set(repairs()) <= set(CATALOGUE)
    assert [row.code for row in listing()] == list(dict.fromkeys((*FAULTS, *IMPOSSIBLE)))
    assert {row.code for row in listing()} == set(CATALOGUE)


@pytest.mark.parametrize("code", CATALOGUE)
def test_what_a_code_brings_about_is_declared_too(code: str) -> None:
    declared = CATALOGUE[code]
    for brought in (*declared.brings_about, *declared.brings_about_there):
        assert isinstance(brought, Kind) or brought in CATALOGUE, f"{brought} is not declared"
    for rule in declared.rules:
        assert rule.layer in LAYERS
        assert set(rule.after) <= set(CATALOGUE)


@pytest.mark.parametrize("code", CATALOGUE)
def test_the_texts_fit_where_they_are_shown(code: str) -> None:
    assert CATALOGUE[code].meaning.endswith("."), "`meaning` is a sentence with its full stop"
    assert not CATALOGUE[code].instead.endswith("."), "`instead` is shown within a sentence"


def test_every_code_that_the_program_names_is_declared() -> None:
    trees = [ast.parse(file.read_text()) for file in CLUSTER.rglob("*.py")]
    named = {code for tree in trees for code in _first_arguments(tree, "Finding")}
    assert named > {"cookie-mismatch", "schema-split", "restart-loop"}
    undeclared = named - set(CATALOGUE)
    assert not undeclared, f"no `FINDINGS` below diagnosis/rules declares {sorted(undeclared)}"


def _first_arguments(tree: ast.AST, function: str) -> Iterator[str]:
    """The first arguments of its calls, as far as they are written out."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == function:
            yield from (str(each.value) for each in call.args[:1] if isinstance(each, ast.Constant))


def test_a_code_is_declared_once() -> None:
    found = [
        each.code
        for module in discovery.modules_below("ejtui.cluster.diagnosis.rules")
        for each in getattr(module, "FINDINGS", ())
    ]
    assert sorted(found) == sorted(CATALOGUE)


def test_the_rules_go_from_layer_to_layer() -> None:
    ranks = [LAYERS.index(rule.among or rule.layer) for rule in RULES]
    assert ranks == sorted(ranks)


def declared(code: str, layer: str, *brings_about: str, after: tuple[str, ...] = ()) -> Declaration:
    def find(_case: Case) -> tuple[Finding, ...]:
        return ()

    rule = Rule(layer, find, after=after)
    return Declaration(code=code, meaning=code, rules=(rule,), brings_about=brings_about)


def order(*found: Declaration) -> list[str]:
    codes = {rule: each.code for each in found for rule in each.rules}
    return [codes[rule] for rule in in_order(found)]


def test_a_cause_comes_before_what_it_brings_about() -> None:
    late, early = declared("late", "schema"), declared("early", "schema", "late")
    assert order(late, early) == ["early", "late"]


def test_a_deeper_layer_comes_first_whatever_it_brings_about() -> None:
    shallow, deep = declared("shallow", "tables", "deep"), declared("deep", "host")
    assert order(shallow, deep) == ["deep", "shallow"]


def test_a_rule_may_ask_to_come_after_another() -> None:
    one, other = declared("one", "host", after=("other",)), declared("other", "host")
    assert order(one, other) == ["other", "one"]


def test_rules_that_wait_for_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="wait for each other"):
        in_order((declared("one", "host", "other"), declared("other", "host", "one")))
