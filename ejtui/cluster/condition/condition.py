"""The state of a pair as one value, and what is known of the pair beyond both nodes' facts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ejtui.cluster.diagnosis.report import Diagnosis
    from ejtui.cluster.facts.half_done import HalfDone
    from ejtui.cluster.facts.node import PairFacts
    from ejtui.cluster.finding import Finding


class Situation(Enum):
    """What states a pair can be in; the values are stable words for programs."""

    UNKNOWN = "unknown"
    NOT_JOINED = "not-joined"
    JOINING = "joining"
    HALF_DONE = "half-done"
    CHANGING = "changing"
    STARTING = "starting"
    JOINED = "joined"
    HEALTHY = "healthy"
    BROKEN = "broken"
    FIRST_GONE = "first-gone"
    OTHER_CLUSTER = "other-cluster"
    ONE_NODE = "one-node"


@dataclass(frozen=True)
class Condition:
    """The state of a pair, for people and for programs.

    `joined` is None where nobody can know it. `brief` is for a header, `text` a sentence; `command`
    is what goes on from there (`ejtui` and its arguments), "" where that is nothing. `code` is the
    leading finding's, "" where there is none. `about_join`: a join is the subject, so that its
    checklist is what matters.
    """

    situation: Situation
    joined: bool | None
    brief: str
    text: str
    command: str = ""
    code: str = ""
    about_join: bool = False

    @property
    def broken(self) -> bool:
        """Whether the two are joined and do not report the same."""
        return bool(self.joined) and self.situation is Situation.BROKEN

    def lines(self) -> tuple[str, ...]:
        """For people: the state, and what goes on from there."""
        return (self.text, f"Next: {self.command}") if self.command else (self.text,)

    def to_json(self) -> dict[str, object]:
        """What `--json` prints of it."""
        return {
            "state": self.situation.value,
            "joined": self.joined,
            "text": self.text,
            "next": self.command,
            "finding": self.code or None,
        }


@dataclass(frozen=True)
class Known:
    """What is known beyond the facts of both nodes.

    `findings` are None before a check; `whole` is whether that looked at every layer. `changing` is
    who changes the pair now, and in brackets what with; `half_done` what was left half done.
    `join_open`: this ejtui has run steps of a join that has not come to its end. `exchanged` is how
    a command begins that has first and second exchanged; `undoes` whether second has a backup of a
    join to go back to, None where nobody looked.
    """

    findings: tuple[Finding, ...] | None = None
    whole: bool = False
    half_done: HalfDone | None = None
    changing: str = ""
    join_open: bool = False
    exchanged: str = ""
    undoes: bool | None = None


NOTHING = Known()


def known_of(seen: Diagnosis) -> Known:
    """What a check adds to the facts."""
    whole = all(look.well for look in seen.looked_at)
    joining = seen.examined.joining
    return Known(
        seen.findings,
        whole,
        seen.half_done,
        "" if joining == "this ejtui" else joining,
        exchanged=seen.examined.exchanged,
        undoes=seen.examined.undoes,
    )


def known_since(seen: Diagnosis | None, facts: PairFacts, *, outdated: bool) -> Known:
    """What a check still adds to newer facts.

    Of one that they have outdated that is what it saw half done, while second serves nobody.
    """
    if seen is None:
        return NOTHING
    if not outdated:
        return known_of(seen)
    serves = facts.both_run and facts.second.ejabberd
    return NOTHING if serves else Known(half_done=seen.half_done)
