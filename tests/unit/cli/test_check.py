"""`ejtui check` as text: what people read of a diagnosis."""

from __future__ import annotations

import pytest

from ejtui.cli.arguments import parse
from ejtui.cli.commands.check import diagnosis_lines
from ejtui.cli.configuration import addressed
from ejtui.cli.render.outcome import verdict
from ejtui.cli.render.signs import Signs
from ejtui.cluster.condition.condition import known_of
from ejtui.cluster.condition.situations import condition
from ejtui.cluster.diagnosis.report import Diagnosis, LayerResult
from ejtui.cluster.facts.examination import Examined
from ejtui.cluster.facts.half_done import HalfDone
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.cluster.finding import Finding
from tests.unit.cluster.conftest import Story

SIGNS = Signs("!", "+", "o", "x", ".", "|")
FACTS = PairFacts(NodeFacts("first"), NodeFacts("second"))
FINDING = Finding(
    "stale-member",
    "former@first is listed\x1b[2J and does not run",
    "first",
    evidence=("first: db nodes " + "x" * 100, "from first: no answer"),
    explanation="It was taken away.",
    repair="take it out",
    severity="warning",
    sure=False,
    settled_by="whether it comes back",
    consequences=("second waits (tables-waiting)",),
)


def text(*findings: Finding, well: bool | None = True, facts: PairFacts = FACTS) -> list[str]:
    looks = (LayerResult("host", True, "both answer"), LayerResult("epmd", well, "what was seen"))
    return list(diagnosis_lines(Diagnosis(facts, Examined(), findings, looks), SIGNS))


def test_two_nodes_that_are_not_joined_are_never_called_healthy() -> None:
    [*_, verdict, then] = text()
    assert verdict.startswith("Not joined, and nothing is wrong")
    assert then == "Next: ejtui join"


def test_healthy() -> None:
    assert text(facts=Story().joined()) == [
        "+ host  both answer",
        "+ epmd  what was seen",
        "",
        "Joined and healthy: every layer was looked at, and nothing is wrong.",
    ]


def test_a_joined_pair_with_a_fault_leads_with_it_and_with_what_repairs_it() -> None:
    cookie = Finding("cookie-mismatch", "the cookies differ", "second", repair="give it first's")
    lines = text(cookie, well=False, facts=Story().joined())
    assert "  run      ejtui repair cookie-mismatch" in lines
    assert "Joined, but broken: the cookies differ (cookie-mismatch)." in lines
    assert "Next: ejtui repair cookie-mismatch" in lines


def test_nothing_found_is_not_healthy_while_a_layer_was_out_of_reach() -> None:
    lines = text(well=None)
    assert "~ epmd  what was seen" in lines
    assert "not every layer" in lines[-1]


def test_a_finding_says_all_it_knows() -> None:
    said = "\n".join(text(FINDING, well=False))
    for part in (
        *("stale-member on first, a warning: former@first", "from first: no answer"),
        *("so       second waits (tables-waiting)", "why      It was taken away."),
        *(
            "certain  not by this check alone; what settles it: whether it comes back",
            "by hand  take it out",
            "1 warning.",
        ),
    ):
        assert part in said


def test_no_line_is_wider_than_a_terminal_or_controls_it() -> None:
    lines = text(FINDING, well=False)
    wide = [line for line in lines if len(line) > 80]
    assert all(len(line.split()) <= 2 for line in wide), "a line is too wide for one word alone"
    assert not any("\x1b" in line for line in lines)


def test_a_command_that_is_named_leads_to_the_same_pair() -> None:
    lines = ["Next: ejtui join", "  run      ejtui repair epmd-down", "give it: `ejtui setup`",
             "/usr/bin/ejtui join", "swap, and `ejtui rollback --without-first`."]  # fmt: skip
    assert addressed(lines, parse(["status"])) == lines
    options = "--config '/a b/c.toml' --first second --second first"
    given = parse(["--config", "/a b/c.toml", "status", "--first", "second", "--second", "first"])
    assert addressed(lines, given) == [
        f"Next: ejtui {options} join", f"  run      ejtui {options} repair epmd-down",
        "give it: `ejtui setup`", "/usr/bin/ejtui join",
        f"swap, and `ejtui {options} rollback --without-first`.",
    ]  # fmt: skip
    swapped = "`ejtui --first b --second a repair partitioned`"
    assert addressed([swapped], given) == [swapped.replace("ejtui", "ejtui --config '/a b/c.toml'")]


def test_a_fault_on_both_nodes_is_named_on_both() -> None:
    down = [Finding("not-connected", f"ejabberd does not run on {name}", name, repair="start it")
            for name in ("first", "second")]  # fmt: skip
    lines = text(*down, well=False, facts=Story().joined())
    shown = " ".join(lines)
    assert (
        "Joined, but broken: ejabberd does not run on first, and ejabberd does not run on second "
        "(not-connected)."
    ) in shown
    # The command without a node repairs the first of the two alone.
    for name in ("first", "second"):
        assert f"  run      ejtui repair not-connected --node {name}" in lines
    assert "  run      ejtui repair not-connected" in text(down[0], well=False)
    assert lines[-1] == "2 findings. Start at the top."


def test_a_warning_is_counted_as_one_and_named_where_nothing_stops_a_join() -> None:
    lines = text(FINDING, well=False)
    assert lines[-1] == "1 warning."
    assert "1 warning: former@first" in " ".join(lines)


def test_what_is_half_done_is_not_followed_by_nothing_wrong() -> None:
    half = HalfDone("join", "cleandb", 5, "/b", "moving", "A join stands at step 5.")
    seen = Diagnosis(FACTS, Examined(half_done=half), (), (LayerResult("epmd", None, "?"),))
    assert "Nothing wrong" not in "\n".join(diagnosis_lines(seen, SIGNS))


def test_an_advice_beside_a_repair_is_by_hand() -> None:
    cookie = Finding("cookie-mismatch", "they differ", "second", repair="copy it, and restart")
    assert "  by hand  copy it, and restart" in text(cookie, facts=Story().joined())
    apart = Finding("partitioned", "apart", "both", repair="the repair keeps first's side")
    lines = text(apart, facts=Story().joined())
    assert "  repair   the repair keeps first's side" in lines
    assert lines[0] == "partitioned on both nodes: apart"


@pytest.mark.parametrize(
    ("facts", "half_done", "findings", "code"),
    [
        (Story().joined(), False, (), 0),
        (Story().strangers(), False, (), 0),
        (Story().strangers(), False, (Finding("epmd-down", "no epmd", "first"),), 0),
        (Story().joined(), False, (Finding("overload", "busy", "first", severity="warning"),), 0),
        (Story().joined(), False, (Finding("partitioned", "apart", "both"),), 1),
        (Story().strangers(), True, (), 1),
        (Story().cleaned(), False, (), 1),
        (PairFacts(Story().joined().first, NodeFacts.unreachable("second", "gone", "")), False,
         (), 3),
    ],
)  # fmt: skip
def test_status_exits_by_the_state_that_it_leads_with(
    facts: PairFacts, half_done: bool, findings: tuple[Finding, ...], code: int
) -> None:
    half = HalfDone("join", "cleandb", 5, "/b", "moved", "A join stands at step 5.")
    seen = Diagnosis(facts, Examined(half_done=half if half_done else None), findings)
    assert verdict(seen, condition(facts, known_of(seen))) == code
