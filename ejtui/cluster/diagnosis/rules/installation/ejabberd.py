"""Ejabberd itself: whether it runs, and what it complains of."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.cluster.diagnosis.declaration import Declaration, Kind, Rule
from ejtui.cluster.diagnosis.rules.case import Case, Side
from ejtui.cluster.finding import Finding


def app_down(case: Case) -> Iterator[Finding]:
    for side in case.sides:
        facts = side.facts
        if not facts.bare_shell or facts.started == "other":
            continue
        if side.role == "second" and case.examined.joining:
            continue
        joiner = facts.started == "mnesia"
        yield Finding(
            "vm-up-app-down",
            f"{side.name}'s Erlang node is up, ejabberd in it is not",
            side.role,
            (
                f"{side.name}: {side.node} answers, process {facts.os_pid}; {facts.mnesia_words}",
                f"{side.name}: ejabberd is not among the running applications",
                f"{side.name}: it was started as "
                + ("the erl of a join" if joiner else "ejabberd"),
                *side.first_error(),
            ),
            "A join, or a start, ended halfway. ejabberdctl knows no commands then, `stop` among "
            "them.",
            "stop that Erlang node (init:stop), then start ejabberd",
            repaired_by="config" if joiner and side.role == "second" else "",
        )


def not_connected(case: Case) -> Iterator[Finding]:
    """A node that does not run, for no reason that another rule names."""
    for side in case.sides:
        facts = side.facts
        if not side.asked or facts.ejabberd or facts.vm == "up":
            continue
        down = facts.vm == "down" and not facts.os_pid
        if side.role == "second" and down and _join_stands(case):
            continue
        calm = side.role == "second" and not case.cluster_evidence
        yield Finding(
            "not-connected",
            f"ejabberd does not run on {side.name}" if down else f"{side.node} cannot be asked",
            side.role,
            (
                f"{side.name}: VM {facts.vm}{_why(facts.vm_why)}; {facts.mnesia_words}",
                *side.unit_state(),
                *side.first_error(),
            ),
            _consequence(side, case),
            _start(side),
            severity="warning" if calm else "error",
            sure=down,
            settled_by="" if down else f"an answer of {side.node}",
            repaired_by="start" if side.role == "second" and down else "",
        )


def _join_stands(case: Case) -> bool:
    """Whether a join has not ended, which starts second itself or is rolled back."""
    stands = case.examined.half_done
    return stands is not None and stands.kind == "join"


def _start(side: Side) -> str:
    unit = side.exam.service
    if unit is not None and unit.masked:
        return (
            f"see who masked {unit.name} on {side.name}, and why; then `systemctl unmask "
            f"{unit.name}`, and start ejabberd"
        )
    return f"start ejabberd on {side.name}"


def _why(why: str) -> str:
    return f", {why}" if why else ""


def _consequence(side: Side, case: Case) -> str:
    if case.cluster_evidence:
        return "Nobody is served there, and a member that is away holds older and older tables."
    if side.role == "first":
        return (
            "In a join second takes its database from the running first; without it second would "
            "be alone and empty."
        )
    return "Nobody is served there. A join does not need it: its step Start starts it."


def not_registered(case: Case) -> Iterator[Finding]:
    """The epmd that the other node asks does not know a node that its own epmd knows."""
    for here, there in case.ways:
        peer = here.facts.peers.get(there.node)
        if peer is None or peer.broken != "port" or there.facts.vm != "up":
            continue
        yield Finding(
            "not-connected",
            f"the epmd that {here.name} asks does not know {there.node}",
            there.role,
            (
                f"from {here.name}: {peer.address}: {peer.why}",
                f"on {there.name}: epmd lists {', '.join(there.facts.epmd or ()) or 'nothing'}",
            ),
            f"{here.name} asks another epmd than the one on {there.name}: its name has the "
            "address of another host there, or of another network.",
            f"see which address {there.node.partition('@')[2]} has on {here.name}",
            sure=False,
            settled_by=f"whether {peer.address} is an address of {there.name}",
        )


_STARTS_BESIDE = (
    "Somebody, or a supervisor, started ejabberd by ejabberdctl. The unit's own starts "
    "fail because the node's name is taken; `systemctl stop` and `restart` do not reach "
    "the one that runs, and when it ends the unit starts another one at once."
)

_RESTS_BESIDE = (
    "Somebody, or a supervisor, started ejabberd by ejabberdctl. `systemctl stop` and `restart` "
    "do not reach it, and a start of the unit fails while it has the node's name. When it ends, "
    "systemd does not start ejabberd again."
)


def outside_unit(case: Case) -> Iterator[Finding]:
    """An ejabberd that somebody else started keeps the service's own from starting."""
    for side in case.sides:
        unit = side.exam.service
        if unit is None or side.facts.started != "ejabberd":
            continue
        if not (unit.starts_beside or unit.rests_beside):
            continue
        state = "systemd starts again and again" if unit.starting else f"is {unit.active}"
        yield Finding(
            "outside-unit",
            f"ejabberd runs on {side.name} outside its unit, which {state}",
            side.role,
            (
                f"{side.name}: {unit.name} is {unit.active} ({unit.sub}), {unit.restarts} restarts "
                "so far",
                f"{side.name}: {side.node}, process {side.facts.os_pid}, belongs to "
                f"{unit.vm_place}",
            ),
            _STARTS_BESIDE if unit.starting else _RESTS_BESIDE,
            f"end that ejabberd, then start {unit.name}; where a supervisor started it, that "
            "one has to be stopped first",
        )


def unit_stopping(case: Case) -> Iterator[Finding]:
    """An ejabberd that has started again in its VM, while systemd waits for that VM's end."""
    for side in case.sides:
        unit = side.exam.service
        if unit is None or not side.facts.ejabberd or not unit.ends_vm:
            continue
        limit = unit.stop_timeout or "its time limit"
        yield Finding(
            "unit-stopping",
            f"systemd will kill {side.name}'s ejabberd: it waits for it to end",
            side.role,
            (
                f"{side.name}: {unit.name} is {unit.active} ({unit.sub}), and ejabberd runs in "
                f"process {side.facts.os_pid}",
                f"{side.name}: systemd kills what has not ended {limit} after the stop began",
            ),
            "ejabberd stopped and started again within its Erlang VM, as `ejabberdctl "
            "join_cluster` and `restart` have it. systemd saw the stop, not the start: it "
            f"kills the VM, in the middle of whatever it does, {limit} after the stop.",
            f"restart {unit.name} in order, before systemd kills it",
        )


def overload(case: Case) -> Iterator[Finding]:
    for side in case.sides:
        seen = side.saw("overload", running=True)
        if seen:
            yield Finding(
                "overload",
                f"Mnesia on {side.name} was overloaded",
                side.role,
                seen,
                "Mnesia was given more to write than it could carry from its log into its tables "
                "in time. It catches up when the pressure ends.",
                "none: see what writes so much, and dump_log_write_threshold",
                sure=False,
                settled_by="whether the message comes again",
            )


_NOT_RUNNING = frozenset({Kind.NOT_RUNNING})

FINDINGS = (
    Declaration(
        code="vm-up-app-down",
        meaning="The Erlang VM runs and ejabberd in it does not.",
        rules=(Rule("ejabberd", app_down, after=("version-differs",)),),
        kinds=_NOT_RUNNING,
        brings_about_there=("not-connected",),
        passes=True,
    ),
    Declaration(
        code="not-connected",
        meaning="ejabberd does not run, or its node cannot be asked.",
        warns="second does not run, and is no member yet",
        rules=(Rule("port", not_registered), Rule("ejabberd", not_connected)),
        kinds=_NOT_RUNNING,
        passes=True,
    ),
    Declaration(
        code="outside-unit",
        meaning="ejabberd runs outside its unit, which systemd starts again and again, or which is "
        "stopped or failed.",
        severity="warning",
        rules=(Rule("ejabberd", outside_unit),),
        passes=True,
        not_in_lab="it takes hosts with systemd, which the lab does not boot",
    ),
    Declaration(
        code="unit-stopping",
        meaning="systemd waits for the end of a VM in which ejabberd has started again, and kills "
        "it soon.",
        severity="warning",
        rules=(Rule("ejabberd", unit_stopping),),
        passes=True,
        not_in_lab="it takes hosts with systemd, which the lab does not boot",
    ),
    Declaration(
        code="overload",
        meaning="Mnesia got more to write than it could log in time.",
        severity="warning",
        rules=(Rule("ejabberd", overload, after=("disc-full",)),),
        messages=(r"is overloaded|mnesia_overload",),
        instead="Mnesia catches up when the pressure ends: see what writes so much, and "
        "dump_log_write_threshold",
    ),
)
