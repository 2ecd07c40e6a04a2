"""What the screens show of both nodes' facts, derived again only when something is different."""

from __future__ import annotations

from collections.abc import Mapping

from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.join import checklist
from ejtui.cluster.join.steps import StepState
from ejtui.cluster.pair.pair import Pair
from ejtui.ui.session import to_view
from ejtui.ui.state.models import StepView, TableView

Rows = tuple[tuple[StepView, ...], tuple[TableView, ...]]


class Derived:
    """The checklist and the tables of a pair.

    Both nodes are asked every few seconds, and nearly always report the same as before.
    """

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._of: tuple[object, ...] = ()
        self._rows: Rows = (), ()

    def rows(self, facts: PairFacts, failed: Mapping[str, StepState]) -> Rows:
        """The steps, as `failed` when they were last tried, and the tables."""
        platforms = [node.known_platform for node in (self._pair.first, self._pair.second)]
        choices = self._pair.choices
        given = (facts, dict(failed), dict(choices), choices.decided, platforms)
        if given != self._of:
            self._of, self._rows = given, self._derive(facts, failed)
        return self._rows

    def _derive(self, facts: PairFacts, failed: Mapping[str, StepState]) -> Rows:
        seen = [checklist.with_failure(view, failed) for view in checklist.views(self._pair, facts)]
        steps = tuple(to_view.step_view(step.step, step.state, step.commands) for step in seen)
        return steps, to_view.table_views(facts, self._pair.choices)
