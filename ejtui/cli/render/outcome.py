"""What follows from the nodes' facts and the checklist: JSON and exit code."""

from __future__ import annotations

from collections.abc import Sequence

from ejtui.cli.result import CommandResult
from ejtui.cluster.condition.condition import Condition, Situation
from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.join.checklist import StepStatus

_WRONG = frozenset((
    Situation.BROKEN, Situation.HALF_DONE, Situation.FIRST_GONE, Situation.OTHER_CLUSTER,
    Situation.ONE_NODE,
))  # fmt: skip


def reached(facts: PairFacts) -> bool:
    """Whether both hosts were reached."""
    return facts.first.reachable and facts.second.reachable


def health(facts: PairFacts) -> int:
    """0 when ejabberd runs on both, 1 when not, 3 when a host was not reached."""
    if not reached(facts):
        return 3
    return 0 if facts.first.ejabberd and facts.second.ejabberd else 1


def verdict(seen: Diagnosis, state: Condition) -> int:
    """health(), and 1 also where the state itself is wrong: broken, half done, or no pair.

    Two that are not joined are well as they are, whatever would stop a join.
    """
    return health(seen.facts) or int(state.situation in _WRONG)


def fill(answer: CommandResult, facts: PairFacts, views: Sequence[StepStatus]) -> None:
    """Put the nodes, the steps and their findings into the answer's one object."""
    findings = [finding for view in views for finding in view.state.findings]
    answer.data |= facts.to_json()
    answer.data["steps"] = [view.to_json() for view in views]
    answer.data["findings"] = [finding.to_json() for finding in findings]
