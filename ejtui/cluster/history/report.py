"""One Markdown report of runs, for a ticket: hosts, releases, what ran where, evidence, backups."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ejtui import __version__
from ejtui.cluster.acts.command_words import within
from ejtui.cluster.history.clock import date_and_time, short, zone
from ejtui.cluster.history.covering import cover
from ejtui.cluster.history.entries import JournalLine, moment
from ejtui.cluster.history.history import History
from ejtui.cluster.history.markdown import block, code, escape, table
from ejtui.cluster.history.names import step_name
from ejtui.cluster.history.runs import Run, StepRun
from ejtui.cluster.history.sentences import sentences

MOST_RUNS = 50
"""So many runs are in one report, the newest."""

_ROLES = ("first", "second")
_MOST_NAMES = 20


def report_of_pair(found: History, manifests: Path) -> str:
    """The report of all that was done on these hosts."""
    notes = list(found.notes)
    if count := len(found.former):
        notes.append(
            f"{count} run{'' if count == 1 else 's'} on former hosts at these addresses, whose "
            "host keys were others, left out: name one to export it"
        )
    return report(found.runs, notes, manifests)


def report(runs: Sequence[Run], notes: Iterable[str], manifests: Path) -> str:
    """The report of these runs, the oldest first; `manifests` has the copies of manifests."""
    chosen = sorted(runs, key=lambda run: run.id)[-MOST_RUNS:]
    lines = [
        "# ejabberd cluster: what ejtui did",
        "",
        f"Written by ejtui {__version__}, {date_and_time(datetime.now().astimezone())}. Times are "
        f"in {zone()}. It has no passwords, passphrases or cookies in it; of a cookie it has the "
        "first digits of the checksum.",
        "",
    ]
    if len(runs) > len(chosen):
        lines += [f"{len(runs) - len(chosen)} older runs are left out.", ""]
    for note in notes:
        lines += [f"Note: {escape(note)}.", ""]
    if not chosen:
        return "\n".join([*lines, "Nothing was run on these hosts yet.", ""])
    lines += [*_hosts(chosen), *_overview(chosen)]
    kept = list(_manifests(manifests))
    for run in chosen:
        lines += _run(run, kept)
    return "\n".join(lines).rstrip("\n") + "\n"


def _hosts(runs: Sequence[Run]) -> list[str]:
    nodes: Mapping[str, Mapping[str, Any]] = {}
    for run in runs:
        nodes = run.nodes or nodes
    if not nodes:
        return []
    heads = ("", "node", "host", "platform", "ejabberd", "OTP", "reached as", "root by", "service")
    keys = ("node", "hostname", "platform", "ejabberd", "otp", "where", "become", "service_user")
    rows = [
        (role, *(code(str(nodes[role].get(key) or ""), in_table=True) for key in keys))
        for role in _ROLES
        if role in nodes
    ]
    return ["## Hosts", "", *table(heads, rows), ""]


def _overview(runs: Sequence[Run]) -> list[str]:
    rows = [
        (short(run.began), escape(run.title), run.ending, run.took or "-",
         code(run.by, in_table=True))
        for run in runs
    ]  # fmt: skip
    heads = (f"date ({zone()})", "what", "outcome", "took", "by")
    return ["## Runs", "", *table(heads, rows), ""]


def _run(run: Run, manifests: Sequence[_Kept]) -> list[str]:
    lines = [f"## {escape(run.title)}, {short(run.began)}: {run.ending}", ""]
    took = run.after
    lines += [
        f"- Run: {code(run.id)}, by {code(run.by)}",
        f"- Began: {date_and_time(run.began)}",
        f"- Ended: {date_and_time(run.ended)}" + (f", {took}" if took else "")
        if run.ended
        else f"- Last line in the journal: {date_and_time(run.last)}",
    ]
    if run.why:
        lines.append(f"- Why: {code(cover(run.why))}")
    lines += [f"- Recording: {code(path)}" for path in run.recordings]
    lines.append("")
    if run.findings:
        rows = [
            (code(found, in_table=True), escape(node), escape(cover(title)))
            for found, node, title in run.findings
        ]
        lines += ["### Findings", "", *table(("code", "on", "what"), rows), ""]
    lines += _backups(run, manifests)
    for step in run.steps:
        runs = run.outcome == "running" and step is run.steps[-1]
        lines += _step(step, "running" if runs else "no end in the journal")
    return lines


def _step(step: StepRun, without_end: str) -> list[str]:
    ends = {"done": "done", "failed": "failed", "todo": "still to do", "refused": "answered No",
            "stopped": "stopped", "blocked": "blocked", "": without_end}  # fmt: skip
    name = step_name(step.id).rstrip(",")
    lines = [f"### {escape(name)}: {ends.get(step.state, escape(step.state))}", ""]
    when = short(step.began)
    lines += [f"{when}{f', {step.took}' if step.took else ''}", ""]
    ran = [_command(each) for each in step.entries if each.event in ("ran", "typed")]
    if ran:
        lines += ["Ran:", "", *block(ran), ""]
    seen = [
        text for each in step.entries if each.event not in ("ran", "typed") for text in _seen(each)
    ]
    if seen:
        lines += ["Seen:", "", *block(seen), ""]
    return lines


def _command(line: JournalLine) -> str:
    """Where and as whom: an older ejtui typed into the erl shell on second, and noted no more."""
    text = cover(line.text("text"))
    if line.event == "typed":
        return f"in the erl shell on second: {text}"
    place = within(line.text("place"), text) or "in a shell"
    return f"on {line.text('host')} as {line.text('user')}, {place}: {text}"


def _seen(line: JournalLine) -> list[str]:
    here = line.at.astimezone().strftime("%H:%M:%S") if line.at else "--:--:--"
    made = [f"{here}  {each.text}" for each in sentences(line)]
    if line.event == "asked":
        made += [f"          - {cover(text)}" for text in line.texts("takes")]
    return made


@dataclass(frozen=True)
class _Kept:
    """What a copy of a manifest has of its backup."""

    created: datetime
    second: str
    place: str
    reason: str
    accounts: tuple[str, ...] | None
    files: int
    size: int


def _manifests(directory: Path) -> Iterator[_Kept]:
    """The backups by their manifests' copies here; what is no manifest is left out."""
    try:
        files = sorted(directory.glob("*.json"))
    except OSError:
        return
    for file in files:
        try:
            if not file.is_file() or file.stat().st_size > 1 << 26:
                continue
            found = json.loads(file.read_bytes())
        except (OSError, ValueError, RecursionError):
            continue
        kept = _kept(found) if isinstance(found, dict) else None
        if kept is not None:
            yield kept


def _kept(found: dict[str, Any]) -> _Kept | None:
    created, accounts = moment(found.get("created")), found.get("accounts")
    if created is None:
        return None
    sizes = [each.get("size") for each in _list(found.get("files")) if isinstance(each, dict)]
    second, place, reason = (str(found.get(key) or "") for key in ("second", "place", "reason"))
    return _Kept(
        created,
        second,
        place,
        reason,
        tuple(map(str, accounts)) if isinstance(accounts, list) else None,
        len(sizes),
        sum(size for size in sizes if isinstance(size, int)),
    )


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _backups(run: Run, manifests: Sequence[_Kept]) -> list[str]:
    """The backups that were made while it ran, of its own second."""
    began, last = run.began, run.ended or run.last
    if began is None or last is None:
        return []
    second = run.nodes.get("second", {}).get("node")
    near = timedelta(seconds=1)
    made = [
        kept
        for kept in manifests
        if began - near <= kept.created <= last + near and second in (None, "", kept.second)
    ]
    if not made:
        return []
    lines = ["### Backups", ""]
    for kept in made:
        names = kept.accounts or ()
        count = "accounts not read" if kept.accounts is None else _counted(len(names), "account")
        lines.append(
            f"- {code(kept.place)} of {code(kept.second)} ({escape(kept.reason)}): "
            f"{_counted(kept.files, 'file')}, {kept.size:,} bytes, {count}"
        )
        lines += [f"  - {code(name)}" for name in names[:_MOST_NAMES]]
        if len(names) > _MOST_NAMES:
            lines.append(f"  - and {len(names) - _MOST_NAMES} more")
    return [*lines, ""]


def _counted(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count:,} {what}s"
