"""The settings of both nodes, side by side: a line each, and everything about the one looked at."""

from __future__ import annotations

from itertools import takewhile

from ejtui.ui.state.settings import SettingsView, SettingView
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import Glyphs
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, cut, fit, line, pad, wrap

_DECISION = 6
_LEAST = 11
"""So much room is left for a value, which is below the list whole."""

_ABOUT_HOSTS = ("hosts", "certificate")
"""What is about a virtual host itself has its name in every row."""


def _of(state: ViewState) -> SettingsView:
    return state.settings or SettingsView()


def title(state: ViewState, glyphs: Glyphs) -> tuple[Line, Line]:
    """How many differ, and whether both nodes are being asked."""
    shown = _of(state)
    count = sum(row.differs for row in shown.rows)
    text = f"{count} difference{'' if count == 1 else 's'} between the two ejabberd.yml"
    if shown.comparing and not shown.rows:
        text = "what differs between the two ejabberd.yml"
    now = f"asking both nodes{glyphs.cut}" if shown.comparing else ""
    if not now and shown.marked:
        now = f"{len(shown.marked)} marked to take from first"
    return line(Span(text, Tone.STRONG)), line(Span(now, Tone.GOING))


def rows(state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    """The columns' names, then one line a setting, what stops a join first."""
    shown = _of(state)
    if not shown.shown:
        text = "" if shown.comparing or shown.trouble else "nothing that matters differs"
        return [line(Span(text, Tone.GOOD))]
    wide = _widths(width, max(len(_called(each, shown)) for each in shown.shown))
    head = [pad(each, size) for each, size in zip(("option", "first", "second"), wide, strict=True)]
    return [
        line(Span(f"{' ' * (_DECISION + 3)}{' '.join(head)}", Tone.QUIET)),
        *(_row(each, shown, wide, width, glyphs) for each in shown.shown),
    ]


def _widths(width: int, longest: int) -> tuple[int, int, int]:
    """Of the options' names, which are shown whole where they can be, and of both values."""
    room = max(30, width - _DECISION - 6)
    names = min(max(longest, _LEAST), room - 2 * _LEAST)
    value = (room - names) // 2
    return room - 2 * value, value, value


def _row(
    found: SettingView, shown: SettingsView, wide: tuple[int, int, int], width: int, glyphs: Glyphs
) -> Line:
    chosen = found is shown.at_cursor
    sign = Span(glyphs.differs, _tone(found)) if found.differs else Span(glyphs.same, Tone.GOOD)
    texts = (_called(found, shown), *_values(found, min(wide[1:]), glyphs))
    option, first, second = (
        pad(cut(text, size, glyphs.cut), size) for text, size in zip(texts, wide, strict=True)
    )
    made = line(
        Span(f"{glyphs.cursor if chosen else ' '}", Tone.FOCUS),
        sign, " ", Span(pad(_decision(found, shown), _DECISION), Tone.YOURS),
        Span(option, Tone.CURSOR if chosen else Tone.PLAIN), f" {first} {second}",
    )  # fmt: skip
    return fit(made, width, glyphs.cut)


def _values(found: SettingView, width: int, glyphs: Glyphs) -> tuple[str, str]:
    """Both values; where the difference would be cut off, what both have before it is shortened."""
    first, second = found.first, found.second
    if first == second or cut(first, width, glyphs.cut) != cut(second, width, glyphs.cut):
        return first, second
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False))
    alike = "".join(each for each, _ in pairs)
    start = max(alike.rfind(" "), alike.rfind("/")) + 1 or len(alike)
    room = width - len(glyphs.cut) - max(len(first), len(second)) + start
    head = f"{first[: max(0, room)]}{glyphs.cut}"
    return f"{head}{first[start:]}", f"{head}{second[start:]}"


def _called(found: SettingView, shown: SettingsView) -> str:
    """Its name in the list.

    Of one virtual host alone each row would repeat its name, and lose the option's to it.
    """
    hosts = {each.host for each in shown.rows if each.host}
    return name(found) if len(hosts) > 1 or found.option in _ABOUT_HOSTS else found.option


def name(found: SettingView) -> str:
    """The option, with the virtual host that it is of."""
    return f"{found.option} ({found.host})" if found.host else found.option


def _tone(found: SettingView) -> Tone:
    return Tone.TROUBLE if found.stops else Tone.DIFFERS


def _decision(found: SettingView, shown: SettingsView) -> str:
    if found.option in shown.marked and found.differs:
        return "take"
    return "keep" if found.kept else ""


def detail_title(state: ViewState) -> Line:
    """The option looked at."""
    found = _of(state).at_cursor
    return line(Span(name(found) if found else "settings", Tone.STRONG))


def detail(state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    """Both values of the option looked at, what follows from them, and what can be done."""
    del glyphs
    shown = _of(state)
    made = [*wrap(shown.trouble, width, Tone.TROUBLE), BLANK] if shown.trouble else []
    found = shown.at_cursor
    if found is None:
        return made or [BLANK]
    made += _labelled("First", found.first, width)
    made += _labelled("Second", found.second, width)
    made += wrap(f"{found.meaning[:1].upper()}{found.meaning[1:]}.", width, _tone_of_meaning(found))
    if not found.differs:
        return made
    made += _labelled("Finding", f"{found.code}, {_weight(found)}", width)
    return [*made, BLANK, *_what_next(found, shown, width)]


def _tone_of_meaning(found: SettingView) -> Tone:
    return _tone(found) if found.differs else Tone.PLAIN


def _weight(found: SettingView) -> str:
    if found.stops:
        return "it stops a join"
    return "a warning" if found.why_no_keep else "a warning: second may keep its own value"


def _what_next(found: SettingView, shown: SettingsView, width: int) -> list[Line]:
    decision = _decision(found, shown)
    if decision == "take":
        text = "First's value is to be taken. Enter shows what changes, and asks; Space changes it."
    elif found.why_not:
        text = f"From here it cannot be taken: {found.why_not}."
    else:
        text = "Space marks first's value to be taken; Enter shows what changes, and asks."
    made = wrap(text, width, Tone.QUIET)
    if not found.why_no_edit:
        made += wrap("v: write another value for second.", width, Tone.QUIET)
    if decision == "keep":
        made += wrap("Second keeps its own value, as you have decided.", width, Tone.YOURS)
    elif not (found.stops or found.why_no_keep):
        made += wrap("k: second keeps its own value, and a join asks no more.", width, Tone.QUIET)
    return made


def _labelled(label: str, text: str, width: int) -> list[Line]:
    first, *others = wrap(text, width, first=f"{label}: ", rest="  ")
    head, rest = first[0].text[: len(label) + 1], first[0].text[len(label) + 1 :]
    return [line(Span(head, Tone.STRONG), rest), *others]
