"""The page of findings, made from the catalogue, so that it names every code there is."""

from __future__ import annotations

from textwrap import fill

from ejtui.cluster.diagnosis.catalogue import CATALOGUE
from ejtui.cluster.diagnosis.declaration import Declaration
from ejtui.cluster.repairs.registry import repairs

_COLUMNS = 100

_HEAD = (
    "`ejtui check` asks both nodes and names what is wrong, each by a code. `ejtui repair CODE` "
    "repairs it. Before anything starts it shows the commands, where and as whom they run, and "
    "what they take. In the app, `f` shows the findings. Deeper causes come first, and what they "
    "bring about stands under them.",
    "This page lists every code, what it means, and its repair or what to do instead.",
)


def page() -> str:
    """The page, as Markdown."""
    sections = [text for each in CATALOGUE.values() for text in _section(each)]
    texts = ("# Findings", *_HEAD, *sections)
    return "\n\n".join(fill(text, _COLUMNS) for text in texts) + "\n"


def _section(declared: Declaration) -> tuple[str, str, str]:
    repair = repairs().get(declared.code)
    done = f"Repair: {repair.title}; {repair.cannot_undo}." if repair else ""
    return (
        f"## {declared.code}",
        " ".join((declared.meaning, *_weight(declared))),
        done or f"No repair: {declared.instead}.",
    )


def _weight(declared: Declaration) -> tuple[str, ...]:
    if declared.severity == "warning":
        return ("It is a warning.",)
    return (f"It is a warning where {declared.warns}.",) if declared.warns else ()
