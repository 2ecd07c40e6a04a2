"""A finding: something that is wrong, in the words of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """What is wrong on which node, how that was told, why it is so, and what mends it.

    `code` is the catalogue's stable word for it; `node` is "first", "second" or "both": where it is
    wrong, and so where it is mended. `subjects` are the names that a repair works on: tables,
    nodes, files. `mended_by` is the step of a join that goes on from there and mends it, "" when a
    join must not go on. One that is `apart` follows from nothing else. An `error` keeps something
    from working, a `warning` does not yet. One that is not `sure` says in `settled_by` what would
    settle it. `consequences` are what else looks wrong because of it, `explains` codes that are
    consequences of this one wherever they are found.
    """

    code: str
    title: str
    node: str
    evidence: tuple[str, ...] = ()
    explanation: str = ""
    repair: str = ""
    severity: Severity = "error"
    sure: bool = True
    settled_by: str = ""
    consequences: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    mended_by: str = ""
    apart: bool = False
    explains: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Finding:
        """The reverse of to_json()."""
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in said.items()
        }
        return cls(**fields)

    def to_json(self) -> dict[str, object]:
        return {
            "code": self.code,
            "title": self.title,
            "node": self.node,
            "severity": self.severity,
            "sure": self.sure,
            "settled_by": self.settled_by,
            "evidence": list(self.evidence),
            "consequences": list(self.consequences),
            "subjects": list(self.subjects),
            "mended_by": self.mended_by,
            "explanation": self.explanation,
            "repair": self.repair,
        }
