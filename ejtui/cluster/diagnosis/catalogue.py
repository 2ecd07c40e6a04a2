"""Every code that ejtui knows, as the rules' modules declare it, and what follows from that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ejtui import discovery
from ejtui.cluster.diagnosis.declaration import LAYERS, Declaration, Rule

_RULES = "ejtui.cluster.diagnosis.rules"


def in_order(declared: Sequence[Declaration]) -> tuple[Rule, ...]:
    """The rules, layer by layer, causes before what they bring about, else as declared.

    A rule of several codes stands once. Raises ValueError where rules wait for each other.
    """
    codes: dict[Rule, list[Declaration]] = {}
    for each in declared:
        for rule in each.rules:
            codes.setdefault(rule, []).append(each)
    waiting = sorted(codes, key=lambda rule: LAYERS.index(rule.among or rule.layer))
    ordered: list[Rule] = []
    while waiting:
        ready = (rule for rule in waiting if not _waits(rule, waiting, codes))
        chosen = next(ready, None)
        if chosen is None:
            raise ValueError(f"these rules wait for each other: {waiting}")
        waiting.remove(chosen)
        ordered.append(chosen)
    return tuple(ordered)


def _waits(rule: Rule, others: Iterable[Rule], codes: Mapping[Rule, list[Declaration]]) -> bool:
    """Whether one of the others, of the same layer, comes before this rule."""
    return any(
        cause.code in rule.after or any(cause.explains(each, there=True) for each in codes[rule])
        for other in others
        if other is not rule and (other.among or other.layer) == (rule.among or rule.layer)
        for cause in codes[other]
        if cause not in codes[rule]
    )


_FOUND: tuple[Declaration, ...] = tuple(
    each for module in discovery.modules_below(_RULES) for each in getattr(module, "FINDINGS", ())
)

RULES: tuple[Rule, ...] = in_order(_FOUND)
"""In the order of the layers, each of which rests on those before it; causes come first."""

_RANKS = {rule: rank for rank, rule in enumerate(RULES)}

CATALOGUE: Mapping[str, Declaration] = {
    each.code: each
    for each in sorted(
        _FOUND, key=lambda each: min((_RANKS[rule] for rule in each.rules), default=len(_RANKS))
    )
}
"""Each code's declaration, in the order in which the rules look for it."""

MESSAGES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.S), each.code)
    for each in CATALOGUE.values()
    for pattern in each.messages
)
"""What is known of messages in a log: a pattern, and the code that it means; the first counts."""
