"""What a check found: the facts it rests on, the findings, and how far it looked."""

from __future__ import annotations

from dataclasses import dataclass

from ejtui.cluster.facts.examination import Examined
from ejtui.cluster.facts.half_done import HalfDone
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.finding import Finding


@dataclass(frozen=True)
class LayerResult:
    """One layer: `seen` is a line for people; `well` is None where it could not be looked at."""

    layer: str
    well: bool | None
    seen: str


@dataclass(frozen=True)
class Diagnosis:
    """A check of a pair; the worst and the deepest finding is the first."""

    facts: PairFacts
    examined: Examined
    findings: tuple[Finding, ...] = ()
    looked_at: tuple[LayerResult, ...] = ()

    @property
    def healthy(self) -> bool:
        """Nothing is wrong or half done, and every layer was looked at."""
        whole = self.half_done is None and all(look.well for look in self.looked_at)
        return not self.findings and whole

    @property
    def half_done(self) -> HalfDone | None:
        """The join or the rollback that has not ended."""
        return self.examined.half_done

    @property
    def worst(self) -> Finding | None:
        return self.findings[0] if self.findings else None

    def finding(self, code: str, node: str | None = None) -> Finding | None:
        """The finding of this code, on `node` where that is given."""
        return next(
            (f for f in self.findings if f.code == code and node in (None, f.node)),
            None,
        )

    def to_json(self) -> dict[str, object]:
        """What `--json` prints of a check."""
        return {
            **self.facts.to_json(),
            "joined": self.facts.member,
            "findings": [finding.to_json() for finding in self.findings],
            "looked_at": [
                {"layer": look.layer, "well": look.well, "seen": look.seen}
                for look in self.looked_at
            ],
            "standing": self.half_done.to_json() if self.half_done else None,
            "backups_left_out": list(self.examined.left_out),
        }
