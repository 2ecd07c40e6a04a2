"""A finding: something that is wrong, in the words of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """What is wrong on which node, how that was told, why it is so, and what mends it.

    `code` is the catalogue's stable word for it; `node` is "first", "second" or "both".
    """

    code: str
    title: str
    node: str
    evidence: tuple[str, ...] = ()
    explanation: str = ""
    repair: str = ""

    def to_json(self) -> dict[str, object]:
        return {
            "code": self.code,
            "title": self.title,
            "node": self.node,
            "evidence": list(self.evidence),
            "explanation": self.explanation,
            "repair": self.repair,
        }
