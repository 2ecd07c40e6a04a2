"""One node's panel: its facts, each with a sign of whether the other node reports the same."""

from __future__ import annotations

import re
from typing import NamedTuple

from rich.cells import cell_len

from ejtui.ui.state.view_state import Health, LineView, NodeView
from ejtui.ui.text.glyphs import Glyphs
from ejtui.ui.text.lines import Line, Span, Tone, cut, fit, line, spread, width_of, wrap

_LABEL = 9
_ALONE = "alone"
_OTHERS = {"with": "others", "without": "members"}
_TERSEST = 5
_MANY = 100_000
"""From so many accounts on they may be shown in thousands, or millions."""
_PLACE = re.compile(r"^\S+ port \d+ cannot be reached: |^\S+ (?=port \d+ )")
"""How many of the errors begin of a host that is not reached; a refusal keeps its subject."""
_BRIEF = {
    Health.RUNNING: "runs",
    Health.STARTING: "starts",
    Health.APP_DOWN: "no ejabberd",
    Health.REFUSES: "refuses",
    Health.NOT_ANSWERING: "silent",
}
"""Shorter words, where the node's name has no room otherwise."""
_TONES = {
    Health.RUNNING: Tone.GOOD,
    Health.STARTING: Tone.GOING,
    Health.ERL_SHELL: Tone.GOING,
    Health.ASKING: Tone.QUIET,
    Health.STOPPED: Tone.DIFFERS,
    Health.APP_DOWN: Tone.DIFFERS,
    Health.REFUSES: Tone.TROUBLE,
    Health.NOT_ANSWERING: Tone.TROUBLE,
    Health.UNREACHABLE: Tone.TROUBLE,
    Health.UNASKED: Tone.TROUBLE,
}


class _Fact(NamedTuple):
    label: str
    value: str
    same: bool | None = None
    """None: nothing to compare."""


def health(node: NodeView, glyphs: Glyphs, *, brief: bool = False) -> Line:
    """How the node is: a sign and a word."""
    signs = {
        Health.RUNNING: glyphs.up,
        Health.STARTING: glyphs.half,
        Health.ERL_SHELL: glyphs.half,
        Health.APP_DOWN: glyphs.half,
        Health.UNREACHABLE: glyphs.failed,
        Health.UNASKED: glyphs.failed,
        Health.REFUSES: glyphs.failed,
        Health.NOT_ANSWERING: glyphs.failed,
        Health.ASKING: glyphs.cut,
    }
    sign = signs.get(node.health, glyphs.down)
    word = _BRIEF.get(node.health, node.health.value) if brief else node.health.value
    return line(Span(f"{sign} {word}", _TONES[node.health]))


def title(node: NodeView, part: str = "") -> Line:
    """Which node this is: its name in the configuration, its part in the pair where that is
    another word, and its Erlang name."""
    return line(*_called(node, part), Span(f"  {node.node}" if node.node else ""))


def _called(node: NodeView, part: str) -> tuple[Span, ...]:
    other = part if part != node.name else ""
    return Span(node.name, Tone.STRONG), Span(f" ({other})" if other else "", Tone.QUIET)


def panel(node: NodeView, other: NodeView, width: int, glyphs: Glyphs) -> list[Line]:
    """Four lines for the framed panel of the wide layout."""
    if not node.known:
        return _unknown(node, width, 4, glyphs)
    facts = _facts(node, other)
    pairs = [
        (facts["versions"], facts["accounts"]),
        (facts["config"], facts["tables"]),
        (facts["cookie"], facts["schema"]),
    ]
    rows = [(_cell(left, glyphs), _cell(right, glyphs)) for left, right in pairs]
    widest = max(width_of(left) for left, _ in rows)
    gap = 2 if widest + 2 + max(width_of(right) for _, right in rows) <= width else 1
    runs, members = _cell(facts["runs"], glyphs), _cell(facts["members"], glyphs)
    if width_of(runs) + 1 + width_of(members) > width and node.runs == node.members:
        members = line(Span("all its members", Tone.QUIET))
    elif width_of(runs) + 1 + width_of(members) > width and facts["runs"].value[:7] == "without":
        members = _cell(_Fact("members", str(len(node.members))), glyphs)
    return [
        _side_by_side(left, right, widest + gap, width, glyphs)
        for left, right in (*rows, (runs, members))
    ]


def brief(
    node: NodeView, other: NodeView, width: int, glyphs: Glyphs, part: str = ""
) -> list[Line]:
    """Three lines without a frame, for the layouts with little room."""
    how = health(node, glyphs)
    name = title(node, part)
    if width_of(name) + 1 + width_of(how) > width:
        how = health(node, glyphs, brief=True)
    if width < 36 or width_of(name) + 1 + width_of(how) > width:
        how = health(node, glyphs)
        # Half of a node's name would be another one.
        name = line(*_called(node, part))
    head = spread(name, how, width, glyphs.cut)
    if not node.known:
        return [head, *_unknown(node, width, 2, glyphs)]
    facts = _facts(node, other)
    return [head, *(_row(facts, names, width, glyphs) for names in _brief_rows(facts, width))]


def _brief_rows(facts: dict[str, _Fact], width: int) -> list[tuple[str, ...]]:
    differs = ("config",) if facts["config"].value.isdigit() else ()
    if width >= 36:
        return [("versions", "cookie", "accounts"), ("runs", "schema", "tables", *differs)]
    # The least room: what differs comes first, since the end of the line may be lost.
    order = sorted(("cookie", "accounts", "schema", "tables"), key=lambda n: facts[n].same is True)
    return [tuple(order[:2]), tuple(order[2:])]


def _row(facts: dict[str, _Fact], names: tuple[str, ...], width: int, glyphs: Glyphs) -> Line:
    """The facts in one row; where they do not fit, words become shorter, then the signs of what is
    the same go, then words that can be guessed, at last the number of settings, which `e` shows."""
    made: Line = ()
    for terse in range(_TERSEST + 1):
        if terse == _TERSEST:
            names = tuple(name for name in names if name != "config")
        cells = [_short(name, facts[name], glyphs, terse) for name in names]
        room = width - sum(width_of(cell) for cell in cells)
        gap = Span("  " if room >= 2 * (len(cells) - 1) else " ")
        made = cells[0]
        for cell in cells[1:]:
            made = (*made, gap, *cell)
        if width_of(made) <= width:
            return made
    return fit(made, width, glyphs.cut)


def _short(name: str, fact: _Fact, glyphs: Glyphs, terse: int) -> Line:
    same = None if terse > 1 and fact.same else fact.same
    value = fact.value
    if terse > 2:
        value = value.replace(" OTP ", " OTP" if terse == 3 else "/")
    if name == "config":
        word = "config " if terse < 3 else "cfg "
        return line(Span(word, Tone.QUIET), *_config(value, glyphs))
    if name == "runs" and terse == _TERSEST and value.count(" ") > 1:
        how, *names = value.split()
        return _value(f"{how} {len(names)} {_OTHERS.get(how, '')}".strip(), same, glyphs)
    if terse > 3 and _can_be_guessed(name, value, terse):
        return _value(value, same, glyphs)
    if name == "schema":
        value = value.replace("RAM and disc copy", "RAM+disc").removesuffix(" copy")
        words = {"none": "no schema", "on disc": "schema on disc" if terse < _TERSEST else value}
        value = words.get(value, value)
    elif name == "tables":
        value = f"{value} tables" if not terse else f"{value.replace(' of ', '/')} tab"
    elif name == "accounts":
        value = _counted(value, terse)
    elif name in ("cookie", "runs"):
        return line(Span(f"{name} ", Tone.QUIET), *_value(value, same, glyphs))
    return _value(value, same, glyphs)


def _can_be_guessed(name: str, value: str, terse: int) -> bool:
    """Whether it is plain without its label what this is."""
    if name == "runs":
        return value.startswith((_ALONE, "with ", "without "))
    return name == "cookie" and terse == _TERSEST


def _facts(node: NodeView, other: NodeView) -> dict[str, _Fact]:
    def same(name: str) -> bool | None:
        mine, theirs = getattr(node, name), getattr(other, name)
        return bool(mine == theirs) if other.known and (mine or theirs) else None

    def same_count(mine: int | None, theirs: int | None) -> bool | None:
        return None if mine is None or theirs is None or not other.known else mine == theirs

    def same_accounts() -> bool | None:
        # Of two that do not run together equal numbers are no sign of equal accounts.
        counts = same_count(node.accounts, other.accounts)
        return counts if other.name in node.runs or not counts else None

    both_versions = None
    if same("ejabberd") is not None or same("otp") is not None:
        both_versions = same("ejabberd") is not False and same("otp") is not False
    # A node without Mnesia has nothing to compare there: what it will run with is not known.
    both_run = None not in (node.tables_here, other.tables_here)
    accounts = "?" if node.accounts is None else str(node.accounts)
    together = _together(node)
    facts = [
        _Fact("ejabberd", node.ejabberd or "?", same("ejabberd")),
        _Fact("otp", node.otp or "?", same("otp")),
        _Fact("versions", f"{node.ejabberd or '?'} OTP {node.otp or '?'}", both_versions),
        _Fact("cookie", node.cookie or node.cookie_trouble or "?", same("cookie")),
        _Fact("accounts", accounts, same_accounts()),
        _Fact("tables", _tables(node), same_count(_readable(node), _readable(other))),
        _Fact("schema", node.schema or "?", same("schema") if both_run else None),
        _Fact("config", _settings(node), None),
        _Fact("runs", together, same("runs") if both_run and together != _ALONE else None),
        _Fact("members", _names(node.members), same("members") if both_run else None),
    ]
    return {fact.label: fact for fact in facts}


def _together(node: NodeView) -> str:
    """With whom it runs, as "runs" goes on."""
    if node.runs == (node.name,):
        return _ALONE
    others = [name for name in node.runs if name != node.name]
    away = [name for name in node.members if name not in node.runs]
    if node.name in node.runs and others and 0 < len(away) <= len(others):
        # Of a larger cluster the one that is missing is the news.
        return f"without {' '.join(away)}"
    if others and node.name in node.runs:
        return f"with {' '.join(others)}"
    return _names(node.runs)


def _readable(node: NodeView) -> int | None:
    return None if node.tables_here is None else node.tables_here - node.tables_waiting


def _tables(node: NodeView) -> str:
    if node.tables_here is None:
        return "?"
    if node.tables_waiting:
        return f"{node.tables_here - node.tables_waiting} of {node.tables_here}"
    if node.tables_known is None or node.tables_known == node.tables_here:
        return str(node.tables_here)
    return f"{node.tables_here} of {node.tables_known}"


def _counted(count: str, terse: int) -> str:
    """How many accounts, with the word."""
    if terse > 2 and count.isdigit() and int(count) >= _MANY:
        thousands = int(count) // 1000
        return f"{thousands / 1000:.1f}M acc" if thousands >= 1000 else f"{thousands}k acc"
    return f"{count} acc" if terse else f"{count} account{'' if count == '1' else 's'}"


def _settings(node: NodeView) -> str:
    return "?" if node.settings_apart is None else str(node.settings_apart or "")


def _names(names: tuple[str, ...]) -> str:
    return " ".join(names) or "-"


def _value(value: str, same: bool | None, glyphs: Glyphs) -> Line:
    if same is None:
        return line(value)
    if same:
        return line(value, Span(f" {glyphs.same}", Tone.QUIET))
    return line(Span(f"{value} {glyphs.differs}", Tone.DIFFERS))


def _config(value: str, glyphs: Glyphs) -> Line:
    """The sign of two equal ejabberd.yml, or how many settings differ."""
    if value == "?":
        return line("not compared")
    if not value:
        return line(Span(glyphs.same, Tone.QUIET))
    return line(Span(f"{glyphs.differs} {value}", Tone.DIFFERS))


def _cell(fact: _Fact, glyphs: Glyphs) -> Line:
    label = {"versions": "ejabberd"}.get(fact.label, fact.label)
    if fact.label == "config":
        return line(Span(label.ljust(_LABEL), Tone.QUIET), *_config(fact.value, glyphs))
    return line(Span(label.ljust(_LABEL), Tone.QUIET), *_value(fact.value, fact.same, glyphs))


def _side_by_side(left: Line, right: Line, column: int, width: int, glyphs: Glyphs) -> Line:
    if width_of(left) >= column:
        column = width_of(left) + 1
    if column + width_of(right) > width:
        column = max(width_of(left) + 1, width - width_of(right))
    gap = Span(" " * (column - width_of(left)))
    return fit((*left, gap, *right), width, glyphs.cut)


def _since(view: LineView, width: int) -> Line:
    """Since when, and when it is tried again: as much of it as there is room for."""
    said = [f"since {view.since}, trying now"]
    if view.stands:
        said = [f"since {view.since}, waiting for an answer", f"since {view.since}, waiting"]
    elif view.next_try:
        said = [
            f"since {view.since}, next try at {view.next_try}, r tries now",
            f"since {view.since}, next try {view.next_try}",
            f"since {view.since[:5]}, next {view.next_try}",
        ]
    return line(next((text for text in said if len(text) <= width), said[-1]))


def _unknown(node: NodeView, width: int, rows: int, glyphs: Glyphs) -> list[Line]:
    if node.health is Health.ASKING:
        return [line(Span(f"asking {node.where or node.name}{glyphs.cut}", Tone.QUIET))]
    shown = [_since(node.line, width)] if node.line else []
    text = node.trouble[0] if node.trouble else "no answer"
    room = max(1, rows - min(1, len(node.trouble) - 1) - len(shown))
    why = wrap(text, width, Tone.TROUBLE)
    if len(why) > room:
        # The place is in the configuration, and that it is not reached stands above.
        why = wrap(_PLACE.sub("", text), width, Tone.TROUBLE)
    shown += _at_most(room, why, width, glyphs)
    if len(node.trouble) > 1:
        shown += wrap(node.trouble[1], width)
    return _at_most(rows, shown, width, glyphs)


def _at_most(rows: int, shown: list[Line], width: int, glyphs: Glyphs) -> list[Line]:
    """The first of the lines, with a sign where there are more."""
    kept = shown[:rows]
    if len(shown) > rows:
        last = "".join(part.text for part in kept[-1]).removesuffix(glyphs.cut).rstrip()
        room = width - cell_len(f" {glyphs.cut}")
        whole, end, _begun = last.rpartition(". ")
        last = whole + end.rstrip() if end else cut(last, room, "").rstrip()
        kept[-1] = (Span(f"{last} {glyphs.cut}", kept[-1][0].tone),)
    return kept
