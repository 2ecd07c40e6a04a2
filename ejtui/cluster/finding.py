"""A finding: something that is wrong, in the words of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]


OF_THE_REPAIR = ("the repair", "none")
"""How an advice begins that is no other way than the repair's, but about that."""

# The keys of JSON, which other programs and older journals have, where the field's name differs.
_FIELDS = {"mended_by": "repaired_by"}


@dataclass(frozen=True)
class Finding:
    """What is wrong on which node, the evidence, why it is so, and its repair.

    `code` is the catalogue's stable word for it; `node` is "first", "second" or "both": where it is
    wrong, and so where it is repaired. `subjects` are the names that a repair works on: tables,
    nodes, files. `repaired_by` is the step of a join that goes on from there and repairs it, ""
    when a join must not go on. One that is `apart` follows from nothing else. An `error` keeps
    something from working, a `warning` does not yet. One that is not `sure` has in `settled_by`
    what would settle it. `consequences` are what else looks wrong because of it, `explains` codes
    that are consequences of this one wherever they are found.
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
    repaired_by: str = ""
    apart: bool = False
    explains: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> Finding:
        """The reverse of to_json()."""
        fields: dict[str, Any] = {
            _FIELDS.get(name, name): tuple(value) if isinstance(value, list) else value
            for name, value in read.items()
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
            "mended_by": self.repaired_by,
            "explanation": self.explanation,
            "repair": self.repair,
        }


def counted(findings: Sequence[Finding]) -> str:
    """How many there are; warnings where no error is among them."""
    word = "finding" if any(each.severity == "error" for each in findings) else "warning"
    return f"{len(findings)} {word}{'' if len(findings) == 1 else 's'}"
