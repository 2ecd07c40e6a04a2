"""A finding as text: what is wrong where, the evidence, what follows, its repair."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.cleaning import clean
from ejtui.cli.render.text import wrapped
from ejtui.cluster.finding import Finding

_LABEL = 9


def finding_lines(finding: Finding, indent: str = "", *, command: str = "") -> Iterator[str]:
    """One finding, no line wider than a terminal and none that controls it.

    `command` is what repairs it, where that is to be shown.
    """
    kind = "" if finding.severity == "error" else ", a warning"
    head = f"{finding.code} on {clean(finding.node)}{kind}: {clean(finding.title)}"
    yield from wrapped(head, indent, f"{indent}  ")
    yield from _parts("seen", finding.evidence, indent)
    yield from _parts("so", finding.consequences, indent)
    yield from _parts("why", (finding.explanation,), indent)
    if not finding.sure:
        text = f"not by this check alone; what settles it: {finding.settled_by}"
        yield from _parts("certain", (text,), indent)
    yield from _parts("repair", (finding.repair,), indent)
    yield from _parts("run", (command,), indent)


def _parts(label: str, texts: tuple[str, ...], indent: str) -> Iterator[str]:
    for number, text in enumerate(filter(None, texts)):
        first = f"{indent}  {'' if number else label:<{_LABEL}}"
        yield from wrapped(clean(text), first, f"{indent}{' ' * (_LABEL + 4)}")
