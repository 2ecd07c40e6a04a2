"""The steps of a join, one a module, in the order of the document; a new module here is found."""

from collections.abc import Sequence

from ejtui import discovery
from ejtui.cluster.join.steps.step import Step, StepState

__all__ = ["STEPS", "Step", "StepState", "in_order", "step_of"]


def in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps, each behind the one that it comes after, and numbered so.

    Of two that come after the same one, that which the fewer steps wait for is first: a new step
    goes in between. Raises ValueError where one comes after a step that is not there.
    """
    ordered = _behind("", steps)
    if len(ordered) != len(steps):
        lost = sorted({step.id for step in steps} - {step.id for step in ordered})
        raise ValueError(f"these steps come after no step that there is: {', '.join(lost)}")
    for number, step in enumerate(ordered, 1):
        step.number = number
    return tuple(ordered)


def _behind(id: str, steps: Sequence[Step]) -> list[Step]:
    chains = [[step, *_behind(step.id, steps)] for step in steps if step.after == id]
    return [step for chain in sorted(chains, key=len) for step in chain]


def _declared() -> list[Step]:
    return [
        each()
        for module in discovery.modules(__name__)
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Step) and each.__module__ == module.__name__
        if hasattr(each, "id")
    ]


STEPS: tuple[Step, ...] = in_order(_declared())


def step_of(id: str) -> Step:
    """The step of that id, which there is."""
    return next(step for step in STEPS if step.id == id)
