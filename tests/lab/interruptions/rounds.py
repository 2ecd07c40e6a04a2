"""A round: join, repair and rollback on real nodes, each hit again and again until it is done."""

from __future__ import annotations

import random
import textwrap
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace

from ejtui.cluster.repairs.registry import repairs
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.interruptions import acts
from tests.lab.interruptions.acts import Act
from tests.lab.interruptions.run import Blow, Ended, Moment, Run
from tests.lab.interruptions.strikes import strike

SHARES = (0.4, 0.3, 0.3)
"""Of a round's points: into the join, the repair, the rollback."""

CODES = (0, 1, 3)
"""Done, something wrong that was named, a host not reached."""

WENT_ON = "continued"

MOST_HELPED = 8
"""So many runs in a row that nothing befell, and that do not come to the end, are too many."""


@dataclass(frozen=True)
class Point:
    """A blow that fell into a run: `ended` is how that run did, `came_to` what the act ended in."""

    kind: str
    act: str
    step: str
    what: str
    ended: str
    came_to: str = ""


@dataclass
class Round:
    """One lab, `kinds` the blows in their order, all else left to `chance`."""

    lab: Lab
    kinds: list[str]
    chance: random.Random
    say: Callable[[str], None]
    points: list[Point] = field(default_factory=list)
    helped: Counter[str] = field(default_factory=Counter)

    def __call__(self) -> None:
        """Spends all blows. Raises AssertionError where an act does not come to its end."""
        total = len(self.kinds)
        while self.kinds:
            for share, act in zip(SHARES, (acts.join, self._repair, self._rollback), strict=True):
                if self.kinds:
                    self._do(act(), round(share * total) or 1)

    def _repair(self) -> Act:
        return acts.repair(self.lab, self.chance)

    def _rollback(self) -> Act:
        return acts.rollback(self.lab)

    def _do(self, act: Act, most: int) -> None:
        """Runs the act until it is done; up to `most` blows fall into it."""
        self.say(f"-- {' '.join(act.words)}")
        before = len(self.points)
        moments = _moments(act, min(most, len(self.kinds)), self.chance)
        left = MOST_HELPED
        wrong = ["it has not started"]
        while wrong and left:
            ended = self._run(act, act.words, moments)
            if ended.code == 0:
                # What fell into it may have done so after its last look.
                wrong = self._amiss(act)
                befell = ended.hits or ended.late
                assert not wrong or befell, f"{act.name} ended: {wrong}{acts.scene(self.lab)}"
            elif not ended.hits:
                left -= 1
                wrong = self._help(act)
        assert not wrong, f"{act.name} did not come to its end: {wrong}{acts.scene(self.lab)}"
        self.points[before:] = [replace(p, came_to=act.goal) for p in self.points[before:]]

    def _run(self, act: Act, words: tuple[str, ...], moments: list[Moment]) -> Ended:
        """One run; a blow of which it did not live to see the moment is kept for later."""
        dealt: list[str] = []

        def next_blow() -> Blow | None:
            if not (moments and self.kinds):
                return None
            dealt.append(self.kinds.pop(0))
            return Blow(strike(self.lab, dealt[-1], self.chance), moments.pop(0))

        ended = Run(self.lab, words, act.steps)(next_blow)
        fell = Counter(hit.strike.kind for hit in ended.hits)
        self.kinds[:0] = (Counter(dealt) - fell).elements()
        self.say(f"{ended.seconds:5.1f} s  {' '.join(words)}: {ended.code}")
        if ended.code > 0:
            self.say(textwrap.indent(ended.said.rstrip(), " " * 11))
        for hit in ended.hits:
            word = _word(ended) if hit is ended.hits[-1] else WENT_ON
            self.say(f"         {hit.strike.what}, in {hit.step}: {word}")
            self.points.append(Point(hit.strike.kind, act.name, hit.step, hit.strike.what, word))
        for late in ended.late:
            self.say(f"         {late.what}: when the run had just ended")
        _well_said(ended)
        return ended

    def _help(self, act: Act) -> list[str]:
        """What an operator does where the same command again does not help: what is named.

        What is amiss afterwards.
        """
        wrong = self._amiss(act)
        status, answer = Ejtui(self.lab).json("check")
        if not wrong and (status == 0 or act.goal == "rolled back"):
            return wrong
        found = [each for each in answer.get("findings", ()) if each["code"] in repairs()]
        if act.goal == "rolled back":
            # What it needs is first; the rest is what it does itself.
            found = [each for each in found if each["node"] == "first"]
        words: tuple[str, ...] = ("join", "--yes")
        if found:
            words = ("repair", found[0]["code"], "--node", found[0]["node"], "--yes")
        elif act.goal == "rolled back":
            return wrong
        self.helped[" ".join(words[:-1])] += 1
        self._run(act, words, [])
        return self._amiss(act)

    def _amiss(self, act: Act) -> list[str]:
        wrong = acts.amiss(self.lab, act)
        if not wrong and not any(point.kind == "supervisor" for point in self.points):
            wrong = acts.outside_its_unit(self.lab)
        self.say(f"         amiss: {wrong or 'nothing'}")
        return wrong

    def told(self) -> list[dict[str, str]]:
        """The points for a report."""
        return [asdict(point) for point in self.points]


def _moments(act: Act, count: int, chance: random.Random) -> list[Moment]:
    """So many moments of the act, in order, spread over the whole of it by chance."""
    whole = sum(act.steps.values())
    return [_moment(act, at) for at in sorted(chance.uniform(0, whole) for _ in range(count))]


def _moment(act: Act, at: float) -> Moment:
    for step, seconds in act.steps.items():
        if at < seconds:
            return Moment(step, at)
        at -= seconds
    return Moment(step, seconds)


def _well_said(ended: Ended) -> None:
    """Every run ends with the right exit code, with a reason where it failed, and in no mistake."""
    for word in ("Traceback", "a mistake in ejtui itself"):
        assert word not in ended.said, ended.said
    if ended.code < 0:
        return
    assert ended.code in CODES, (ended.code, ended.said)
    assert ended.code == 0 or ended.said.strip(), f"{ended.words} failed without a word"


def _word(ended: Ended) -> str:
    if ended.code < 0:
        return "killed"
    return WENT_ON if ended.code == 0 else "stopped with a reason"


def kinds_of(
    number: int, points: int, per_round: int, kinds: Sequence[str], chance: random.Random
) -> list[str]:
    """The blows of a round by its number: `points` of each kind over all rounds."""
    each = min(per_round, points - number * per_round)
    blows = [kind for kind in kinds for _ in range(each)]
    chance.shuffle(blows)
    return blows
