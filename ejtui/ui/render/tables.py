"""The tables of both nodes side by side, filtered and sorted."""

from __future__ import annotations

from dataclasses import dataclass

from ejtui.amounts import amount
from ejtui.ui.state.models import TableView
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import Glyphs
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, cut, fit, line, pad

SORTS = ("name", "records", "size", "differences")
_STORAGE = 17
_NUMBER = 8


@dataclass(frozen=True)
class TableControls:
    """How the operator looks at the tables."""

    typed: str = ""
    typing: bool = False
    sort: str = SORTS[0]
    only_differing: bool = False
    cursor: int = 0


def shown_tables(state: ViewState, look: TableControls) -> list[TableView]:
    """The tables that fit the filter, in the order asked for."""
    found = [
        table
        for table in state.tables
        if look.typed.lower() in table.name.lower() and (table.differs or not look.only_differing)
    ]
    orders = {
        "name": lambda table: (table.name,),
        "records": lambda table: (-(table.records or 0), table.name),
        "size": lambda table: (-(table.size or 0), table.name),
        "differences": lambda table: (not table.differs, table.name),
    }
    return sorted(found, key=orders[look.sort])


def header(state: ViewState, width: int) -> Line:
    """The columns' names."""
    names = [pad("  table", _name_width(width)), pad(state.first.name, _STORAGE),
             pad(state.second.name, _STORAGE)]  # fmt: skip
    if width >= 72:
        names += ["records".rjust(_NUMBER), "size".rjust(_NUMBER)]
    if width >= 96:
        names.append(f" {state.second.name} will hold")
    return line(Span(" ".join(names), Tone.QUIET))


def row(table: TableView, width: int, glyphs: Glyphs, *, chosen: bool) -> Line:
    """One table."""
    sign = glyphs.differs if table.differs else " "
    tone = Tone.DIFFERS if table.differs else Tone.QUIET if table.local else Tone.PLAIN
    name = pad(cut(table.name, _name_width(width) - 2, glyphs.cut), _name_width(width) - 2)
    made = line(
        Span(sign, Tone.DIFFERS),
        Span(glyphs.cursor if chosen else " ", Tone.FOCUS),
        Span(name, Tone.CURSOR if chosen else tone),
        " ",
        pad(table.first, _STORAGE),
        " ",
        Span(pad(table.second, _STORAGE), tone),
    )
    if width >= 72:
        records = "?" if table.records is None else f"{table.records:,}"
        made = (*made, *line(f" {records:>{_NUMBER}} {amount(table.size):>{_NUMBER}}"))
    if width >= 96:
        made = (*made, *line("  ", *_wanted(table)))
    return fit(made, width, glyphs.cut)


def detail(
    state: ViewState, table: TableView | None, width: int, glyphs: Glyphs
) -> tuple[Line, Line]:
    """What the columns have no room for, of the table under the cursor: two lines."""
    if table is None:
        return line(Span(" no table fits", Tone.QUIET)), BLANK
    records = "?" if table.records is None else f"{table.records:,}"
    if table.overruled:
        text = f" chosen: {table.chosen}; ejabberd's start overruled it: {table.second}"
        return (
            fit(line(" ", Span(table.name, Tone.STRONG)), width, glyphs.cut),
            fit(line(Span(text, Tone.DIFFERS)), width, glyphs.cut),
        )
    where = state.first.name if table.of_first else state.second.name
    size = f" {glyphs.dot} {records} records on {where}, {amount(table.size)}"
    joined = state.condition is not None and bool(state.condition.joined)
    is_so = joined and (bool(table.why_fixed) or table.second == table.chosen)
    verb = "holds" if is_so else "will hold"
    holds = Span(f" {state.second.name} {verb}: ", Tone.QUIET)
    return (
        fit(line(" ", Span(table.name, Tone.STRONG), size), width, glyphs.cut),
        fit(line(holds, *_wanted(table)), width, glyphs.cut),
    )


def title(state: ViewState, look: TableControls) -> tuple[Line, Line]:
    """The frame's titles: how many tables, and how they are looked at."""
    shown = len(shown_tables(state, look))
    differ = sum(table.differs for table in state.tables)
    left = line(Span(f"tables {shown} of {len(state.tables)}", Tone.STRONG),
                Span(f"  {differ} differ" if differ else "", Tone.DIFFERS))  # fmt: skip
    controls = (
        [f"by {look.sort}"] if not look.only_differing else [f"by {look.sort}, differing only"]
    )
    if look.typed or look.typing:
        controls.append(f"filter: {look.typed}" + ("_" if look.typing else ""))
    return left, line(Span("  ".join(controls), Tone.KEY if look.typing else Tone.QUIET))


def _wanted(table: TableView) -> Line:
    if table.why_fixed:
        return line(Span(table.why_fixed, Tone.QUIET))
    if table.overruled:
        return line(Span(f"{table.chosen}  (overruled)", Tone.DIFFERS))
    as_first = table.chosen == table.first
    return line(Span(table.chosen, Tone.PLAIN if as_first else Tone.YOURS),
                Span("" if as_first else "  (chosen)", Tone.QUIET))  # fmt: skip


def _name_width(width: int) -> int:
    room = width - 2 * (_STORAGE + 1)
    if width >= 72:
        room -= 2 * (_NUMBER + 1)
    if width >= 96:
        room -= 26
    return max(12, min(room, 34))
