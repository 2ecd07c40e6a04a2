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
        return replace(state, checking=False, diagnosis=self.diagnosis or state.diagnosis)


@dataclass(frozen=True)
class LookedAtFinding:
    """The operator looks at that finding, or a step that failed points at it."""

    finding: FindingKey

    def applied(self, state: ViewState) -> ViewState:
        return replace(state, looked_at_finding=self.finding)
