"""What state a pair is in: one value, which the app's header, `status` and `check` lead with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from ejtui.cluster.diagnosis.catalogue import CATALOGUE
from ejtui.cluster.diagnosis.rules.case import Case, Side
from ejtui.cluster.diagnosis.rules.database.members import cluster_of_second
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.join.steps import STEPS

if TYPE_CHECKING:
    from ejtui.cluster.diagnosis.report import Diagnosis
    from ejtui.cluster.facts.standing import Standing
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
    who changes the pair now, and in brackets what with; `standing` what was left half done.
    `join_open`: this ejtui has run steps of a join that has not come to its end.
    """

    findings: tuple[Finding, ...] | None = None
    whole: bool = False
    standing: Standing | None = None
    changing: str = ""
    join_open: bool = False


NOTHING = Known()


def known_of(seen: Diagnosis) -> Known:
    """What a check adds to the facts."""
    whole = all(look.well for look in seen.looked_at)
    joining = seen.examined.joining
    return Known(seen.findings, whole, seen.standing, "" if joining == "this ejtui" else joining)


def known_since(seen: Diagnosis | None, facts: PairFacts, *, outdated: bool) -> Known:
    """What a check still adds to newer facts.

    Of one that they have outdated that is what it saw half done, while second serves nobody.
    """
    if seen is None:
        return NOTHING
    if not outdated:
        return known_of(seen)
    serves = facts.both_run and facts.second.ejabberd
    return NOTHING if serves else Known(standing=seen.standing)


def condition(facts: PairFacts, known: Known = NOTHING) -> Condition:
    """The state of the pair. Pure: the same for every screen and command."""
    case = Case(facts)
    found = next(_states(case, known))
    return found if found.code or not known.findings else replace(found, code=_leading(known))


def _states(case: Case, known: Known) -> Iterator[Condition]:
    """The states that apply, the one to show first."""
    yield from _changing(case, known)
    yield from _unknown(case)
    yield from _one_node(case)
    yield from _standing(case, known)
    yield from _broken(case, known)
    yield from _starting(case)
    yield from _apart(case, known)
    yield from _not_working(case)
    yield _joined(known)


def is_joined(facts: PairFacts) -> bool | None:
    """Whether both nodes' databases show that they are one cluster; None where one is not known.

    Also where a node is stopped: its database on disk counts.
    """
    return _is_joined(Case(facts))


def _is_joined(case: Case) -> bool | None:
    if not case.both_asked:
        return None
    facts, (first, second) = case.facts, case.sides
    lists = first.node in second.schema_nodes and second.node in first.schema_nodes
    renamed = case.same_schema and bool(case.former_names)
    return facts.both_run or facts.member or lists or renamed


def _changing(case: Case, known: Known) -> Iterator[Condition]:
    if not known.changing:
        return
    number = _number(known.changing.rpartition(" (")[2].removesuffix(")"))
    if not number:
        text = f"The pair is being changed: {known.changing}."
        yield Condition(Situation.CHANGING, _is_joined(case), "being changed", text)
        return
    brief = f"join running, step {number}"
    text = f"A join is running, step {number} of {len(STEPS)}: {known.changing}."
    yield Condition(Situation.JOINING, False, brief, text, about_join=True)


def _number(what: str) -> int:
    """The number of the join's step that a lock names ("join: tables"), 0 for none."""
    title = what.rpartition(": ")[2]
    return next((step.number for step in STEPS if step.title.lower() == title), 0)


def _unknown(case: Case) -> Iterator[Condition]:
    first, second = case.sides
    if case.both_asked:
        return
    if second.asked and second.facts.known_schema and _others(second):
        yield _first_unasked(first, second, _silence(case))
    silent = [side.name for side in case.sides if not side.asked]
    listed = ""
    if first.asked and (others := _others(first)):
        listed = f" {first.name} is a member with {', '.join(others)}."
    who = " and ".join(silent)
    yield Condition(
        Situation.UNKNOWN,
        None,
        f"unknown: {who} {_silence(case)}",
        f"Nobody knows whether they are joined: {who} cannot be asked.{listed}",
        "ejtui check",
    )


def _others(side: Side) -> list[str]:
    return sorted(side.schema_nodes - {side.node})


def _silence(case: Case) -> str:
    reached = all(side.facts.reachable for side in case.sides)
    return "cannot be asked" if reached else "not reached"


def _first_unasked(first: Side, second: Side, silence: str) -> Condition:
    others = _others(second)
    name = first.node or ", ".join(others)
    if first.node and first.node not in others:
        return Condition(
            Situation.UNKNOWN,
            None,
            f"unknown: {first.name} {silence}",
            f"Nobody knows whether they are joined: {first.name} cannot be asked. {second.name} is "
            f"a member with {', '.join(others)}.",
            "ejtui check",
        )
    if not second.facts.mnesia_runs:
        return Condition(
            Situation.UNKNOWN,
            None,
            f"unknown: {first.name} {silence}",
            f"{second.name} was joined to {name}, and does not run; {first.name} cannot be asked.",
            "ejtui check",
        )
    if set(others) & set(second.facts.running_db_nodes):
        return Condition(
            Situation.UNKNOWN,
            None,
            f"{first.name} {silence}, but runs",
            f"{first.name} cannot be asked from here; {second.name} is joined to {name} and runs "
            "together with it.",
            "ejtui check",
        )
    return Condition(
        Situation.FIRST_GONE,
        None,
        f"was joined, {first.name} is gone",
        f"{second.name} was joined to {name}, which cannot be reached and does not run with it; "
        f"{second.name} goes on alone, with the cluster's accounts. Only to undo the join, where "
        f"{first.name} is gone for good: `ejtui rollback --without-first`.",
        "ejtui check",
    )


def _one_node(case: Case) -> Iterator[Condition]:
    first, second = case.sides
    if not case.facts.one_node:
        return
    yield Condition(
        Situation.ONE_NODE,
        None,
        "both are one node",
        f"{first.name} and {second.name} are the same node of one host, {first.node}: there is "
        "nothing to join.",
        "ejtui setup",
    )


def _standing(case: Case, known: Known) -> Iterator[Condition]:
    standing = known.standing
    if standing is not None and standing.kind == "rollback":
        brief, joined = "rollback not finished", _is_joined(case)
        yield Condition(Situation.HALF_DONE, joined, brief, standing.text, "ejtui rollback")
    elif standing is not None:
        yield _half_joined(f"join at step {standing.number}", standing.text)
    second = case.second.facts
    # A second that runs with first's database has been joined, also where the two are parted.
    if known.join_open and not (second.ejabberd and _is_joined(case)):
        yield _half_joined("join half done", "A join stands half done. `ejtui join` goes on.")
    if second.bare_shell and (second.kept_erl or second.started == "mnesia"):
        text = (
            f"A join stands half done: its erl shell is open on {second.name}, without ejabberd. "
            "`ejtui join` goes on from there."
        )
        yield _half_joined("join half done", text)


def _half_joined(brief: str, text: str) -> Condition:
    return Condition(Situation.HALF_DONE, False, brief, text, "ejtui join", about_join=True)


def _starting(case: Case) -> Iterator[Condition]:
    names = [side.name for side in case.sides if side.facts.starting]
    if not names:
        return
    joined = _is_joined(case)
    both = " and ".join(names)
    word = "joined" if joined else "not joined"
    yield Condition(
        Situation.STARTING,
        joined,
        f"{word}, {both} starting",
        f"{word.capitalize()}; ejabberd is starting on {both}.",
        "ejtui check",
    )


def _apart(case: Case, known: Known) -> Iterator[Condition]:
    """Two nodes that are not one cluster, whatever they were."""
    if _is_joined(case):
        return
    first, second = case.sides
    if case.first_is_new:
        yield _first_is_another(case)
    if others := cluster_of_second(case):
        yield Condition(
            Situation.OTHER_CLUSTER,
            False,
            "members of different clusters",
            f"Members of different clusters: {second.name} is one with {', '.join(others)}, "
            f"{first.name} is not.",
            "ejtui check",
        )
    if _is_second_another(case):
        yield _second_is_another(case, known)
    yield _not_joined(case, known)


def _first_is_another(case: Case) -> Condition:
    first, second = case.sides
    has = "has another database now" if first.facts.schema_cookie else "has no database now"
    return Condition(
        Situation.FIRST_GONE,
        False,
        f"was joined, {first.name} is new",
        f"{second.name} was joined to {first.node}, and {first.name} {has}: {second.name} holds "
        f"what is left of the cluster. Swap the two in the configuration, and a join "
        f"gives it to {first.name}, too.",
        "ejtui setup",
    )


def _is_second_another(case: Case) -> bool:
    """Whether first lists second, which keeps another database and does not list first."""
    first, second = case.sides
    lists = second.node in first.schema_nodes and first.node not in second.schema_nodes
    has = bool(second.facts.schema_cookie) and second.facts.has_disc_schema
    # In memory alone it was a member until its VM ended: a join that was not finished.
    in_memory = second.node in first.facts.schema.ram_copies
    return lists and has and not in_memory and not case.same_schema


def _second_is_another(case: Case, known: Known) -> Condition:
    first, second = case.sides
    errors = [each for each in known.findings or () if each.severity == "error"]
    code = f" ({errors[0].code})" if errors else ""
    return Condition(
        Situation.BROKEN,
        False,
        f"was joined, broken: {errors[0].code if errors else 'another database'}",
        f"Was joined, and is not now: {first.name} still lists {second.name}, which has another "
        f"database{code}.",
        _command(errors[0]) if errors else "ejtui check",
        errors[0].code if errors else "",
    )


def _not_joined(case: Case, known: Known) -> Condition:
    first, second = case.sides
    looked = known.findings == () and known.whole
    text = (
        "Not joined, and nothing is wrong: every layer was looked at." if looked else "Not joined."
    )
    if second.node in first.schema_nodes:
        has = "another database" if second.facts.schema_cookie else "no database"
        text = f"Not joined, but {first.name} still lists {second.name}, which has {has}."
    elif case.same_schema and second.node not in second.schema_nodes:
        text = f"Not joined: {second.name} has a copy of {first.name}'s database."
    elif first.node in second.schema_nodes:
        text = f"Not joined any more: {second.name} still lists {first.name}."
    stops = [each for each in known.findings or () if _stops_a_join(each)]
    code = stops[0].code if stops else ""
    if stops:
        text += f" Wrong: {stops[0].title} ({code})."
    return Condition(
        Situation.NOT_JOINED,
        False,
        "not joined",
        text,
        _command(stops[0]) if stops else "ejtui join",
        code,
        about_join=True,
    )


def _stops_a_join(finding: Finding) -> bool:
    return finding.severity == "error" and not finding.repaired_by


def _broken(case: Case, known: Known) -> Iterator[Condition]:
    """A joined pair of which a check found an error."""
    worst = next((each for each in known.findings or () if each.severity == "error"), None)
    if worst is not None and _is_joined(case):
        yield Condition(
            Situation.BROKEN,
            True,
            f"joined, broken: {worst.code}",
            f"Joined, but broken: {worst.title} ({worst.code}).",
            _command(worst),
            worst.code,
        )


def _not_working(case: Case) -> Iterator[Condition]:
    """A joined pair that does not work together, by the facts alone."""
    for fault in _faults(case):
        yield Condition(
            Situation.BROKEN, True, f"joined, broken: {fault}", f"Joined, but broken: {fault}.",
            "ejtui check",
        )  # fmt: skip


def _faults(case: Case) -> Iterator[str]:
    """What keeps a joined pair from working, by the facts alone."""
    for side in case.sides:
        if side.facts.silent_vm:
            yield f"{side.name} runs and does not answer"
        elif side.facts.vm == "down":
            yield f"{side.name} is stopped"
        elif side.facts.vm == "rejected":
            yield f"{side.name} refuses its own host's cookie"
        elif not side.facts.ejabberd:
            yield f"ejabberd does not run on {side.name}"
    if not case.facts.both_run:
        yield "the nodes do not run together"
    for side in case.sides:
        if side.facts.waiting:
            yield f"{side.name} waits for tables"


def _joined(known: Known) -> Condition:
    text = "Joined: both nodes run together."
    if known.findings:
        count = len(known.findings)
        warnings = "1 warning" if count == 1 else f"{count} warnings"
        worst = known.findings[0]
        return Condition(
            Situation.JOINED,
            True,
            f"joined, {warnings}",
            f"Joined, and both nodes run together; {warnings}: {worst.title} ({worst.code}).",
            _command(worst),
            worst.code,
        )
    if known.findings is None:
        return Condition(Situation.JOINED, True, "joined", text, "ejtui check")
    if not known.whole:
        text += " Nothing wrong was found, but not every layer could be looked at."
        return Condition(Situation.JOINED, True, "joined", text, "ejtui check")
    healthy = "Joined and healthy: every layer was looked at, and nothing is wrong."
    return Condition(Situation.HEALTHY, True, "joined, healthy", healthy)


def repair_command(finding: Finding) -> str:
    """The command that repairs it: its repair, the join where a step does it; "" for none."""
    declared = CATALOGUE.get(finding.code)
    if declared is not None and not declared.instead:
        return f"ejtui repair {finding.code}"
    if finding.repaired_by:
        return "ejtui join"
    return declared.command if declared is not None else ""


def repair_command_in(facts: PairFacts, finding: Finding) -> str:
    """The command that repairs it in that pair.

    One node given twice has nothing to repair, and nothing is taken from a first that is new.
    """
    if facts.one_node:
        return "ejtui setup"
    taken = finding.code == "schema-split" and Case(facts).first_is_new
    return "" if taken else repair_command(finding)


def _command(finding: Finding) -> str:
    return repair_command(finding) or "ejtui check"


def _leading(known: Known) -> str:
    return known.findings[0].code if known.findings else ""
