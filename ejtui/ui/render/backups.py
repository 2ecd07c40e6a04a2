"""The backups: a line each, and everything about the one looked at."""

from __future__ import annotations

from ejtui.amounts import amount
from ejtui.cluster.history.clock import zone
from ejtui.ui.state.models import BackupsView, BackupView
from ejtui.ui.state.view_state import ViewState
from ejtui.ui.text.glyphs import Glyphs
from ejtui.ui.text.lines import BLANK, Line, Span, Tone, cut, fit, line, pad, wrap

_WHEN = 19
_HOST = 9
_ACCOUNTS = 12
_SIZE = 8
_USES = 20
_BROAD = 100

_HINTS = {
    "rollback": "Enter: second goes back to it; what it has now becomes a backup",
    "bring-over": "o: what it alone has comes into the cluster; nothing there is overwritten",
    "restore-table": "t: records that first's tables lack are restored, asked for each table",
    "restore-file": "Enter: second's ejabberd.yml comes back, alone; asked before",
}
"""What a person can do with a backup, by its uses."""


def title(state: ViewState, glyphs: Glyphs) -> tuple[Line, Line]:
    """How many there are, and whether the hosts are being asked."""
    shown = state.backups or BackupsView()
    count = len(shown.rows)
    count_text = "1 backup" if count == 1 else f"{count} backups"
    now = f"asking both hosts{glyphs.cut}" if shown.listing else ""
    return line(Span(count_text, Tone.STRONG)), line(Span(now, Tone.GOING))


def rows(state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    """The columns' names, then one line a backup, the newest first."""
    shown = state.backups or BackupsView()
    if not shown.rows:
        known = not (shown.listing or shown.trouble or shown.unlisted)
        text = "there is no backup on either host" if known else ""
        return [line(Span(text, Tone.QUIET))]
    head = [pad(f"  date ({zone()})", _WHEN + 2), pad("host", _HOST), pad("accounts", _ACCOUNTS),
            "size".rjust(_SIZE), ""]  # fmt: skip
    head.append(pad("can be used for", _USES))
    if width >= _BROAD:
        head.append(" of what, and why")
    return [
        line(Span(" ".join(head), Tone.QUIET)),
        *(_row(each, width, glyphs, chosen=each is shown.at_cursor) for each in shown.rows),
    ]


def _row(found: BackupView, width: int, glyphs: Glyphs, *, chosen: bool) -> Line:
    made = line(
        Span(f"{glyphs.cursor if chosen else ' '} ", Tone.FOCUS),
        Span(pad(found.created or "unknown", _WHEN), Tone.CURSOR if chosen else Tone.PLAIN),
        f" {pad(cut(found.host, _HOST, glyphs.cut), _HOST)}",
        f" {pad(_counted(found), _ACCOUNTS)}",
        f" {amount(found.size):>{_SIZE}}  ",
        Span(pad("trouble" if found.trouble else found.can, _USES),
             Tone.DIFFERS if found.trouble else Tone.PLAIN if found.goes_back else Tone.QUIET),
        *([Span(f"  {found.reason}", Tone.QUIET)] if width >= _BROAD else []),
    )  # fmt: skip
    return fit(made, width, glyphs.cut)


def _counted(found: BackupView) -> str:
    if not found.is_database:
        return ""
    count = found.account_count
    if count is None:
        return "not read"
    return "none" if not count else f"{count:,} account" + ("" if count == 1 else "s")


def detail_title(state: ViewState) -> Line:
    """The name of the backup looked at."""
    found = state.backups.at_cursor if state.backups else None
    return line(Span(found.name if found else "backups", Tone.STRONG))


def detail(state: ViewState, width: int, glyphs: Glyphs) -> list[Line]:
    """What a person must know who chooses, then all of the backup looked at."""
    del glyphs
    shown = state.backups or BackupsView()
    made: list[Line] = []
    away = f"Not in this list: what lies on {' and '.join(shown.unlisted)}, not reached."
    unlisted = away if shown.unlisted else ""
    for text, tone in (
        (shown.trouble, Tone.TROUBLE),
        (unlisted, Tone.DIFFERS),
        (shown.note, Tone.DIFFERS),
    ):
        if text:
            made += [*wrap(text, width, tone), BLANK]
    found = shown.at_cursor
    return [*made, *_described(found, width)] if found else made or [BLANK]


def _described(found: BackupView, width: int) -> list[Line]:
    by = f", by {found.by}" if found.by else ""
    made = wrap(f"{found.reason}{by}", width, Tone.STRONG)
    if found.trouble:
        made += wrap(found.trouble, width, Tone.TROUBLE)
    made += _labelled("Stage", found.stage, width)
    made += _labelled("Can be used for", found.can, width)
    if found.is_database:
        names = ", ".join(found.accounts or ())
        made += _labelled("Accounts", f"{_counted(found)}{': ' if names else ''}{names}", width)
    files = "1 file" if found.files == 1 else f"{found.files} files"
    made += _labelled("Size", f"{amount(found.size)} in {files}", width)
    made += _labelled("Lies in", found.path, width)
    for use, hint in _HINTS.items():
        if use in found.uses:
            made += wrap(f"  {hint}", width, Tone.QUIET)
    return made + _labelled("Removal", _pruning(found), width)


def _pruning(found: BackupView) -> str:
    if not found.stays:
        return "p removes it with all that were used"
    return f"p keeps it: {found.stays}" + ("; x removes it" if found.goes_by_name else "")


def _labelled(label: str, text: str, width: int) -> list[Line]:
    first, *others = wrap(text, width, first=f"{label}: ", rest="  ")
    head, rest = first[0].text[: len(label) + 1], first[0].text[len(label) + 1 :]
    return [line(Span(head, Tone.STRONG), rest), *others]
