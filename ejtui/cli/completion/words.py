"""The words that the program knows at run time: what `ejtui completion --words NAME` prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping


def _codes() -> Iterable[str]:
    from ejtui.cluster.repairs.registry import repairs

    return sorted(repairs())


def _topics() -> Iterable[str]:
    from ejtui.help import TOPICS

    return TOPICS


def _steps() -> Iterable[str]:
    from ejtui.cluster.join.steps import STEPS

    return [step.id for step in STEPS]


WORDS: Mapping[str, Callable[[], Iterable[str]]] = {
    "codes": _codes,
    "topics": _topics,
    "steps": _steps,
    "runs": lambda: ["last"],
}
