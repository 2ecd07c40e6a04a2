"""The troubleshooter's updates of the screens."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ejtui.ui.state.models import DiagnosisView, FindingKey
from ejtui.ui.state.view_state import ViewState


@dataclass(frozen=True)
class CheckBegan:
    """Both nodes are being checked, layer by layer."""

    def applied(self, state: ViewState) -> ViewState:
        return replace(state, checking=True)


@dataclass(frozen=True)
class CheckEnded:
    """The check has ended; without a diagnosis it was broken off, and what was known stays."""

    diagnosis: DiagnosisView | None = None

    def applied(self, state: ViewState) -> ViewState:
        state = replace(state, checking=False)
        if self.diagnosis is None:
            return state
        repaired = state.repaired if self._still_of_it(state) else None
        return replace(state, diagnosis=self.diagnosis, outdated=False, repaired=repaired)

    def _still_of_it(self, state: ViewState) -> bool:
        """Whether the report of the last repair is still about what is found now."""
        if state.work is not None or state.diagnosis is None or self.diagnosis is None:
            return True
        before = {finding.key for finding in state.diagnosis.findings}
        return {finding.key for finding in self.diagnosis.findings} <= before


@dataclass(frozen=True)
class LookedAtFinding:
    """The operator looks at that finding, or a step that failed points at it."""

    finding: FindingKey

    def applied(self, state: ViewState) -> ViewState:
        return replace(state, looked_at_finding=self.finding)
