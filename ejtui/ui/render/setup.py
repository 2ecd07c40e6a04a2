"""The set-up: two hosts as they are tried, the values found, and the questions at its end."""

from __future__ import annotations

from ejtui.ui.setup.state import HostView, LayerSeen, OfferView, SetupState, ValueView
from ejtui.ui.text.glyphs import Glyphs
from ejtui.ui.text.line_input import Typed
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, cut, fit, line, pad, spread, wrap

ASKED = ("One host", "The other")
_LABEL = 11
_LAYER = 15
_KEY = 14
_ROOM_TO_WRAP = 18
"""With less room what was found is cut, so that all layers stay in sight."""


def top_line(state: SetupState, width: int, glyphs: Glyphs) -> Line:
    """What this is, and that nothing is written yet."""
    left = line(Span(" ejtui", Tone.STRONG), "  set-up  ", Span(state.path, Tone.QUIET))
    right = line(Span("nothing is written yet ", Tone.QUIET))
    return spread(left, right, width, glyphs.cut)


Keys = tuple[tuple[str, str], ...]
"""Keys, each with what it does."""


def keys_line(keys: Keys, width: int, glyphs: Glyphs) -> Line:
    """The keys that do something here."""
    made: Line = (Span(" "),)
    for key, does in keys:
        shown = glyphs.enter if key == "enter" else key
        made = (*made, Span(shown, Tone.KEY), Span(f" {does}   "))
    return fit(made, width, glyphs.cut)


def field(number: int, typed: Typed, width: int, glyphs: Glyphs, *, active: bool) -> Line:
    """The line on which a host is typed."""
    label = Span(pad(ASKED[number], _LABEL), Tone.PLAIN if active else Tone.QUIET)
    sign = Span(f"{glyphs.cursor if active else ' '} ", Tone.KEY)
    room = max(1, width - _LABEL - 2)
    shown = typed.shown(room) if active else line(cut(typed.text, room, glyphs.cut))
    return (sign, label, *shown)


_INTRODUCTION = (
    "ejtui joins two ejabberd servers into one cluster. Here it asks which two.",
    "Each host is tried as soon as you enter it, by ssh as you would log in. Nothing is changed "
    "there.",
    "At the end you choose whose accounts stay, and see the file before it is written. The join "
    "itself begins later, and asks before it replaces anything.",
)


def introduction(width: int) -> list[Line]:
    """What this is, and what it will ask, before any host was entered."""
    made: list[Line] = []
    for text in _INTRODUCTION:
        made += [*wrap(text, width, Tone.QUIET), BLANK]
    return made[:-1]


def go_on(text: str, glyphs: Glyphs, *, active: bool) -> Line:
    """The line from which Enter goes on."""
    label = f"{glyphs.cursor if active else ' '} {text} "
    return line(Span(label, Tone.CURSOR if active else Tone.QUIET))


def offers(
    found: tuple[OfferView, ...], chosen: int | None, width: int, glyphs: Glyphs
) -> list[Line]:
    """The hosts that can be chosen instead of typed."""
    if not found:
        return wrap("No host that ssh knows of has that in its name: type it whole.", width,
                    Tone.QUIET)  # fmt: skip
    made = []
    for index, offer in enumerate(found):
        at = index == chosen
        sign = Span(f"{glyphs.cursor if at else ' '} ", Tone.KEY)
        name = line(sign, Span(cut(offer.host, width - 16, glyphs.cut),
                               Tone.CURSOR if at else Tone.PLAIN))  # fmt: skip
        made.append(spread(name, line(Span(offer.source, Tone.QUIET)), width, glyphs.cut))
    return made


def trial(host: HostView, width: int, glyphs: Glyphs) -> list[Line]:
    """Each layer's result as it came, and the one that is looked at now."""
    made = [row for seen in host.layers for row in _layer(seen, width, glyphs)]
    if host.waits:
        made += wrap("It has a question, asked after you press Enter here.", width,
                     Tone.YOURS, first=f"{glyphs.going} ")  # fmt: skip
    elif host.going:
        made.append(line(Span(f"{glyphs.going} {host.current_layer}", Tone.GOING)))
    return made


def _layer(seen: LayerSeen, width: int, glyphs: Glyphs) -> list[Line]:
    sign, tone = (glyphs.done, Tone.GOOD) if seen.well else (glyphs.failed, Tone.TROUBLE)
    room = width - _LAYER - 2
    if room < _ROOM_TO_WRAP:
        found = [line(Span(cut(seen.found, room, glyphs.cut), Tone.QUIET))]
    else:
        found = wrap(seen.found, room, Tone.QUIET)
    made = [line(Span(f"{sign} ", tone), Span(pad(seen.name, _LAYER)), *found[0])]
    return [*made, *(line(" " * (_LAYER + 2), *row) for row in found[1:])]


def messages(state: SetupState, error: str, width: int, glyphs: Glyphs) -> list[Line]:
    """What is wrong, and what to do about it."""
    if error:
        return wrap(error, width, Tone.TROUBLE, first=f"{glyphs.failed} ")
    made: list[Line] = []
    for host in state.hosts:
        if host.trouble and not host.going:
            text = f"{host.entered}, {host.broken}: {host.trouble}"
            made += wrap(text, width, Tone.TROUBLE, first=f"{glyphs.failed} ")
            advice = host.next_action.replace("in the configuration", "among the values")
            made += wrap(advice, width, Tone.GOING, first="  ")
    return made


def heading(host: HostView, width: int, glyphs: Glyphs) -> Line:
    """A host over its values: how its trial stands."""
    name = Span(host.entered, Tone.STRONG)
    if host.going:
        status = Span(f"{glyphs.going} {host.current_layer}", Tone.GOING)
    elif host.trouble:
        status = Span(f"{glyphs.failed} {host.broken}", Tone.TROUBLE)
    else:
        status = Span(f"{glyphs.done} {host.brief}", Tone.GOOD)
    return spread(line(name), line(status), width, glyphs.cut)


def value(shown: ValueView, width: int, glyphs: Glyphs, *, at: bool) -> Line:
    """One value, whether it goes into the file, and where it came from."""
    sign = Span(f"{glyphs.cursor if at else ' '} ", Tone.KEY)
    tone = Tone.CURSOR if at else Tone.PLAIN if shown.written else Tone.QUIET
    room = max(10, (width - _KEY - 4) // 2)
    text = shown.value or "-"
    return line(
        sign,
        Span(pad(glyphs.done if shown.written else "", 2), Tone.GOOD),
        Span(pad(shown.key, _KEY)),
        Span(cut(text, room - 1, glyphs.cut), tone),
        " " * max(1, room - min(len(text), room - 1)),
        Span(cut(shown.source, width - _KEY - 4 - room, glyphs.cut), Tone.QUIET),
    )


def editing(shown: ValueView, typed: Typed, width: int, glyphs: Glyphs) -> list[Line]:
    """The dialog in which a value is changed."""
    now = shown.source if shown.value else "it was not found"
    return [
        *wrap(f"Now: {shown.value or 'nothing'} ({now})", width, Tone.QUIET),
        BLANK,
        (Span(f"{glyphs.cursor} ", Tone.KEY), *typed.shown(max(1, width - 2))),
        BLANK,
        *wrap("Left empty it is found again, or left to ssh.", width, Tone.QUIET),
        line(Span(f"{glyphs.enter} ", Tone.KEY), "try it   ", Span("Esc ", Tone.KEY), "as it was"),
    ]
