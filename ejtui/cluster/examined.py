"""What a check asks beyond the nodes' facts: processes, logs, disc, the other members."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class NodeExam:
    """One node, looked at more closely. All of it is empty where it could not be asked."""

    asked: bool = False


@dataclass(frozen=True)
class Examined:
    """Both nodes, looked at more closely, and what is known of a join."""

    first: NodeExam = field(default_factory=NodeExam)
    second: NodeExam = field(default_factory=NodeExam)
    joining: bool = False
    notes: Mapping[str, str] = field(default_factory=dict)

    def of(self, role: str) -> NodeExam:
        """The exam of "first" or "second"."""
        return self.first if role == "first" else self.second
