"""Every state of a pair, made on real nodes: what the header, the panes, status and check show.

With `-m catalogue` the whole table, printed at the end; no line of it may be false. With
`--write-snapshots`, too, the states that the snapshots of screens are made from.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import cast

import pytest

from ejtui.cleaning import clean
from ejtui.cli.commands.check import diagnosis_lines
from ejtui.cli.render.signs import Signs
from ejtui.cluster.backups import listing
from ejtui.cluster.condition.condition import Condition, known_of
from ejtui.cluster.condition.situations import condition
from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.join import checklist
from ejtui.cluster.join.check import check
from ejtui.cluster.join.steps import STEPS
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.polling import until
from ejtui.cluster.repairs.registry import repairs
from ejtui.cluster.repairs.run import preview
from ejtui.config import load
from ejtui.lab import breakage, faults
from ejtui.lab.faults.joined import ensure_joined
from ejtui.lab.faults.node import LabNode, first, second
from ejtui.lab.faults.visitor import Visitor
from ejtui.lab.lab import Lab
from ejtui.ui.render.key_bar import keys_line
from ejtui.ui.render.pair import pair_pane
from ejtui.ui.render.top import top_line
from ejtui.ui.session import to_view
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import UNICODE
from ejtui.ui.text.lines import plain
from tests.lab.cluster import (
    slow,
    test_backups_half_moved,
    test_outliving,
    test_rollback_interrupted,
)
from tests.lab.cluster.engine import engine, joined
from tests.patience import SECONDS
from tests.tables import row_of, table
from tests.unit.ui import kept

Made = Callable[[Lab], object]
"""Makes the state; what it returns ends what would outlast it, where that can be called."""


def nothing(_lab: Lab) -> None:
    """Two nodes that are not joined."""


def is_joined(lab: Lab) -> None:
    ensure_joined(lab, lambda _: None)


def fault(code: str) -> Made:
    return lambda lab: faults.make(code, lab=lab)


def join_until(step: str) -> Made:
    async def run(lab: Lab) -> None:
        async with engine(lab) as one:
            assert await one.runner.run_on(step), one.last

    return lambda lab: asyncio.run(run(lab))


def joined_by_ejtui(lab: Lab) -> None:
    asyncio.run(joined(lab))


def then(*made: Made) -> Made:
    def run(lab: Lab) -> object:
        return [each(lab) for each in made][-1]

    return run


def rolled_back(lab: Lab) -> None:
    async def back() -> None:
        async with engine(lab) as one:
            await one.roll_back()

    joined_by_ejtui(lab)
    asyncio.run(back())


def half_moved(lab: Lab) -> None:
    """A join that ended while second's database was being set aside."""

    async def leave() -> None:
        async with engine(lab) as one:
            await test_backups_half_moved.break_off_the_move(one)

    asyncio.run(leave())


def half_rolled_back(lab: Lab) -> None:
    """A rollback that ended while what second has was being set aside."""

    async def stamp() -> str:
        async with engine(lab) as one:
            return (await listing.load(one.pair))[0].stamp

    joined_by_ejtui(lab)
    asyncio.run(test_rollback_interrupted.break_off_the_set_aside(lab, asyncio.run(stamp()), 0.5))


def start(host: str) -> Made:
    """Its ejabberd starts, as after a restart of the host."""
    return lambda lab: (first if host == "first" else second)(lab).start()


def starting(host: str) -> Made:
    """Its ejabberd starts, for as long as the state is looked at."""

    def run(lab: Lab) -> Callable[[], None]:
        node = LabNode(lab, host)
        slow.make_slow(lab, host)
        node.stop()
        node.begin()
        asyncio.run(_until_starting(lab, host))

        def undo() -> None:
            slow.let_go(lab, host)
            slow.undo(lab, host)

        return undo

    return run


async def _until_starting(lab: Lab, host: str) -> None:
    async with engine(lab) as one:
        await until(
            one.pair.refresh, lambda facts: getattr(facts, host).starting,
            what=f"{host} to be starting", seconds=SECONDS, poll=0.1,
        )  # fmt: skip


def kept_erl_shell(lab: Lab) -> Callable[[], None]:
    """A join that was left in the middle of a copy: its erl shell goes on."""

    async def leave() -> None:
        async with engine(lab) as one, test_outliving.copying(one):
            """It is left as soon as the copy runs."""

    stack = ExitStack()
    stack.enter_context(test_outliving.held(lab))
    asyncio.run(leave())
    return stack.close


def stop(host: str) -> Made:
    return lambda lab: (first if host == "first" else second)(lab).stop()


def cut_off(host: str) -> Made:
    return lambda lab: breakage.cut_off(lab, host)


def empty_first(lab: Lab) -> None:
    """First's host is new: its ejabberd starts with no database."""
    first(lab).stop()
    first(lab).wipe()
    first(lab).start()


def third_member(lab: Lab) -> None:
    """A third node, without ejabberd, is a member with first."""
    visitor = Visitor(lab, "third")
    visitor.join()
    visitor.settle()


@dataclass(frozen=True)
class Scene:
    """A state: how it is made, and what is true of it. `code` is the leading finding's."""

    make: Made
    situation: str
    joined: bool | None
    code: str = ""
    pair: tuple[str, str] = ("first", "second")
    one_address: bool = False


def _of_fault(code: str) -> Scene:
    made = faults.FAULTS[code]
    if made.needs_joined:
        # Second has another database there: first alone lists the two as one.
        return Scene(fault(code), "broken", code != "schema-split", code)
    return Scene(fault(code), "not-joined", False, code)


SCENES: dict[str, Scene] = {
    "two strangers": Scene(nothing, "not-joined", False),
    "two strangers, roles swapped": Scene(nothing, "not-joined", False, pair=("second", "first")),
    "strangers, second stopped": Scene(stop("second"), "not-joined", False, "not-connected"),
    "strangers, first not reached": Scene(
        cut_off("first"), "unknown", None, "host-unreachable"),
    "strangers, second not reached": Scene(
        cut_off("second"), "unknown", None, "host-unreachable"),
    "one node given twice": Scene(nothing, "one-node", None, "name-in-use", one_address=True),
    "joined by ejabberdctl": Scene(is_joined, "healthy", True),
    "joined by ejtui": Scene(joined_by_ejtui, "healthy", True),
    "joined, roles swapped": Scene(is_joined, "healthy", True, pair=("second", "first")),
    "joined, second stopped": Scene(
        then(is_joined, stop("second")), "broken", True, "not-connected"),
    "joined, first stopped": Scene(
        then(is_joined, stop("first")), "broken", True, "not-connected"),
    "joined, second not reached": Scene(
        then(is_joined, cut_off("second")), "unknown", None, "host-unreachable"),
    "joined, first not reached from here": Scene(
        then(is_joined, cut_off("first")), "unknown", None, "host-unreachable"),
    "joined, first stopped and not reached": Scene(
        then(is_joined, stop("first"), cut_off("first")), "first-gone", None,
        "host-unreachable"),
    "joined, first's host is new": Scene(
        then(is_joined, empty_first), "first-gone", False, "schema-split"),
    "a cluster of three": Scene(
        then(is_joined, third_member), "broken", True, "ghost-member"),
    "second in a cluster with a third": Scene(
        third_member, "other-cluster", False, "ghost-member", pair=("second", "first")),
    "join until the cookie": Scene(join_until("cookies"), "half-done", False),
    "join until second is clean": Scene(join_until("cleandb"), "half-done", False),
    "join until the erl shell is open": Scene(join_until("config"), "half-done", False),
    "join until the tables": Scene(join_until("tables"), "half-done", False),
    "join until quit": Scene(join_until("quit"), "half-done", False),
    "join left in a copy: a kept erl shell": Scene(kept_erl_shell, "half-done", False),
    "join left half moved": Scene(half_moved, "half-done", False),
    "join left half moved, then second restarted": Scene(
        then(half_moved, start("second")), "half-done", False),
    "join until second is clean, then second restarted": Scene(
        then(join_until("cleandb"), start("second")), "half-done", False),
    "join until quit, then second restarted": Scene(
        then(join_until("quit"), start("second")), "healthy", True),
    "rollback left half done": Scene(half_rolled_back, "half-done", False),
    "joined, both stopped": Scene(
        then(is_joined, stop("second"), stop("first")), "broken", True, "not-connected"),
    "neither is reached": Scene(
        then(cut_off("first"), cut_off("second")), "unknown", None, "host-unreachable"),
    "strangers, first stopped": Scene(stop("first"), "not-joined", False, "not-connected"),
    "joined and rolled back": Scene(rolled_back, "not-joined", False),
    "strangers, second is starting": Scene(starting("second"), "starting", False),
    "joined, second is starting": Scene(then(is_joined, starting("second")), "starting", True),
    "joined, first is starting": Scene(then(is_joined, starting("first")), "starting", True),
    **{f"fault {code}": _of_fault(code) for code in faults.FAULTS},
}  # fmt: skip


_KEPT_FAULTS = (
    "cookie-mismatch", "partitioned", "schema-split", "tables-waiting", "tables-missing",
    "table-cookie", "vm-up-app-down", "epmd-down", "dist-port-blocked", "dir-root-owned",
    "cookie-mode", "name-style",
)  # fmt: skip
KEPT = frozenset(
    (*(name for name in SCENES if not name.startswith("fault ")),
     *(f"fault {code}" for code in _KEPT_FAULTS))
)  # fmt: skip
"""Of these the snapshots of screens are made."""


@pytest.mark.catalogue
@pytest.mark.parametrize("name", SCENES)
def test_what_is_shown_of_each_state_is_true(
    fresh_lab: Lab,
    record_property: Callable[[str, object], None],
    pytestconfig: pytest.Config,
    name: str,
) -> None:
    scene, undo = SCENES[name], None
    try:
        undo = scene.make(fresh_lab)
        seen, state = asyncio.run(_look(fresh_lab, scene))
    finally:
        if callable(undo):
            undo()
        for host in ("first", "second"):
            breakage.reach_again(fresh_lab, host)
    found = condition(seen.facts, known_of(seen))
    record_property(row_of(__name__), (name, *_cells(seen, found, state)))
    assert (found.situation.value, found.joined) == (scene.situation, scene.joined), found
    codes = [each.code for each in seen.findings]
    assert codes[:1] == ([scene.code] if scene.code else []), codes
    _agree(seen, found, state)
    if name in KEPT and pytestconfig.getoption("write_snapshots"):
        kept.write(re.sub(r"\W+", "-", name), replace(state, tables=()))


async def _look(lab: Lab, scene: Scene) -> tuple[Diagnosis, ViewState]:
    config = load(lab.config_path, first=scene.pair[0], second=scene.pair[1])
    if scene.one_address:
        one = replace(config.nodes[config.first], name=config.second)
        config = replace(config, nodes={**config.nodes, config.second: one})
    pair = Pair(config)
    await pair.open()
    try:
        seen = await check(pair)
        return seen, _view(pair, seen)
    finally:
        await pair.close()


def _view(pair: Pair, seen: Diagnosis) -> ViewState:
    facts = seen.facts
    steps = checklist.views(pair, facts)
    return ViewState(
        to_view.node_view(facts.first, facts, "first"),
        to_view.node_view(facts.second, facts, "second"),
        connected=True,
        condition=condition(facts, known_of(seen)),
        steps=tuple(to_view.step_view(each.step, each.state, each.commands) for each in steps),
        diagnosis=to_view.diagnosis_view(seen, lambda found: preview(pair, found), "14:02:11"),
    )


def _header(state: ViewState) -> str:
    return " ".join(plain(top_line(state, 80, UNICODE)).split())


def _first_key(state: ViewState) -> str:
    if state.about_join:
        return plain(keys_line(state, 80, UNICODE)).split("   ")[0].strip()
    rows = [plain(row) for row in pair_pane(state, 200, UNICODE)]
    keys = [row for row in rows if row.startswith(("m ", "u ", "f ", "r "))]
    return keys[0][:60] if keys else ""


def _agree(seen: Diagnosis, found: Condition, state: ViewState) -> None:
    """Header, panes, status and check show the same, and nothing that is not so."""
    header, lines = _header(state), list(diagnosis_lines(seen, Signs("!", "+", "o", "x", ".", "|")))
    text = " ".join(clean(" ".join(lines)).split())
    assert found.text in text
    assert ("healthy" in header) == (found.situation.value == "healthy")
    assert ("not joined" in header) <= (found.joined is False)
    assert (found.situation.value == "healthy") == text.count("Joined and healthy")
    if found.joined:
        assert "they are not joined" not in text
        assert f"of {len(STEPS)} done" not in header
    if seen.half_done and seen.half_done.kind == "join":
        # The checklist of the header, of the plan and of what stands is one.
        assert f"next: {seen.half_done.number} " in header
    for finding in seen.findings:
        ghost = finding.code == "ghost-member" and found.situation.value == "other-cluster"
        taken = ghost or found.situation.value in ("one-node", "first-gone")
        repairable = finding.code in repairs() and not taken
        assert (f"ejtui repair {finding.code}" in text) == repairable
    if not seen.facts.second.asked:
        assert "remote copy" not in " ".join((*state.second.runs, state.second.schema))


def _cells(seen: Diagnosis, found: Condition, state: ViewState) -> tuple[str, ...]:
    codes = ", ".join(f"{each.code} on {each.node}" for each in seen.findings)
    panels = " / ".join(node.health.value for node in (state.first, state.second))
    return _header(state), panels, found.text, found.command, codes, _first_key(state)


def markdown(rows: list[object]) -> str:
    """The table of all states that were made."""
    head = ("state", "header", "panels", "status and check", "next", "findings", "first key")
    return table(head, [cast("tuple[str, ...]", row) for row in rows])
