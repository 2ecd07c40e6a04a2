"""A finding as text: what is wrong where, the evidence, what follows, its repair."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ejtui.cleaning import clean
from ejtui.cli.render.text import Worded, wrapped
from ejtui.cluster.finding import OF_THE_REPAIR, Finding

_LABEL = 9


def finding_lines(
    finding: Finding, indent: str = "", *, command: str = "", worded: Worded = tuple
) -> Iterator[str]:
    """One finding, no line wider than a terminal and none that controls it.

    `command` is what repairs it, where that is to be shown; `worded` gives the commands as they
    reach this pair.
    """
    kind = "" if finding.severity == "error" else ", a warning"
    on = "both nodes" if finding.node == "both" else finding.node
    head = f"{finding.code} on {clean(on)}{kind}: {clean(finding.title)}"
    yield from wrapped(head, indent, f"{indent}  ")
    parts = {
        "seen": finding.evidence,
        "so": finding.consequences,
        "why": (finding.explanation,),
    }
    if not finding.sure:
        parts["certain"] = (f"not by this check alone; what settles it: {finding.settled_by}",)
    other = command.startswith("ejtui repair ") and not finding.repair.startswith(OF_THE_REPAIR)
    parts |= {"by hand" if other else "repair": (finding.repair,), "run": (command,)}
    for label, texts in parts.items():
        yield from _parts(label, worded(texts), indent)


def _parts(label: str, texts: Iterable[str], indent: str) -> Iterator[str]:
    for number, text in enumerate(filter(None, texts)):
        first = f"{indent}  {'' if number else label:<{_LABEL}}"
        yield from wrapped(clean(text), first, f"{indent}{' ' * (_LABEL + 4)}")
