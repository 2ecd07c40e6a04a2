"""Ejabberd itself: whether it runs, and what it complains of."""

from __future__ import annotations

from collections.abc import Iterator

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
            f"{side.name}'s virtual machine runs without ejabberd",
            side.role,
            (
                f"{side.name}: {side.node} answers, process {facts.os_pid}; Mnesia {facts.mnesia}",
                f"{side.name}: ejabberd is not among the running applications",
                f"{side.name}: it was started as "
                + ("the erl of a join" if joiner else "ejabberd"),
                *side.first_error(),
            ),
            "A join, or a start, ended halfway. ejabberdctl knows no commands then, `stop` among "
            "them.",
            "end the machine with init:stop by remote call, then start ejabberd",
            mended_by="config" if joiner and side.role == "second" else "",
        )


def not_connected(case: Case) -> Iterator[Finding]:
    """A node that does not run, for no reason that another rule names."""
    for side in case.sides:
        facts = side.facts
        if not side.asked or facts.ejabberd or facts.vm == "up":
            continue
        down = facts.vm == "down" and not facts.os_pid
        calm = side.role == "second" and not case.meant
        yield Finding(
            "not-connected",
            f"ejabberd does not run on {side.name}" if down else f"{side.node} cannot be asked",
            side.role,
            (
                f"{side.name}: VM {facts.vm}{_why(facts.vm_why)}; Mnesia {facts.mnesia}",
                *side.first_error(),
            ),
            _consequence(side),
            f"start ejabberd on {side.name}",
            severity="warning" if calm else "error",
            sure=down,
            settled_by="" if down else f"an answer of {side.node}",
            mended_by="start" if side.role == "second" and down else "",
        )


def _why(why: str) -> str:
    return f", {why}" if why else ""


def _consequence(side: Side) -> str:
    if side.role == "first":
        return (
            "second takes its database from the running first; without it second would be alone "
            "and empty."
        )
    return "Nobody is served there, and a member that is away holds older and older tables."


def overload(case: Case) -> Iterator[Finding]:
    for side in case.sides:
        seen = side.saw("overload")
        if seen:
            yield Finding(
                "overload",
                f"Mnesia on {side.name} was overloaded",
                side.role,
                seen,
                "More was written than Mnesia's log could be dumped in time. It catches up by "
                "itself when the pressure ends.",
                "none: see what writes so much, and dump_log_write_threshold",
                severity="warning",
                sure=False,
                settled_by="whether the message comes again",
            )


def log_says(case: Case) -> Iterator[Finding]:
    """What a start that failed says in the log, where no rule saw it on the node itself."""
    for side in case.sides:
        cause = side.exam.log.cause
        core = side.exam.log.core
        if side.facts.ejabberd or side.facts.vm == "up" or cause is None or cause.misleading:
            continue
        code = cause.code or (core.code if core else "")
        if code in _OF_A_START:
            yield Finding(
                code,
                f"{side.name}'s last start failed: {cause.text[:80]}",
                side.role,
                side.first_error(),
                "The log of the last start says so; nothing of it shows on the node now.",
                "see what the log says",
                severity="warning",
                sure=False,
                settled_by=f"another start of ejabberd on {side.name}",
            )


_OF_A_START = frozenset(
    {"schema-split", "renamed", "dir-not-writable", "dir-root-owned", "name-in-use"}
)
