"""The environment that ejabberd's unit gives its next VM."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.cleaning import clean
from ejtui.cluster.diagnosis.declaration import Declaration, Rule
from ejtui.cluster.diagnosis.rules.case import Case, Side
from ejtui.cluster.finding import Finding

CODE = "unit-environment"


def unit_environment(case: Case) -> Iterator[Finding]:
    """Files of its unit's that are not there, or that ejtui cannot read."""
    for side in case.sides:
        files = side.exam.unread_environment
        missing = [clean(file) for file, code in files if code == "enoent"]
        if missing:
            yield _missing(side, missing)
        elif files:
            yield _unread(side, [f"{clean(file)}: {clean(code)}" for file, code in files])


def _unit(side: Side) -> str:
    return side.exam.service.name if side.exam.service else "its unit"


def _named(side: Side, files: list[str]) -> tuple[str, ...]:
    return tuple(f"{side.name}: {file}, an EnvironmentFile of {_unit(side)}" for file in files)


def _missing(side: Side, files: list[str]) -> Finding:
    return Finding(
        CODE,
        f"a file that {side.name}'s unit needs is not there",
        side.role,
        _named(side, files),
        "systemd does not start ejabberd without it.",
        "put the file there, or write `EnvironmentFile=-PATH` (`systemctl edit`): then it may be "
        "missing",
        subjects=tuple(files),
    )


def _unread(side: Side, files: list[str]) -> Finding:
    return Finding(
        CODE,
        f"what {side.name}'s unit gives ejabberd at its next start is not known whole",
        side.role,
        _named(side, files),
        "systemd reads that file as root. ejtui reads the settings of the next start as ejabberd's "
        "user: macros and options in that file are missing from what it compares and checks.",
        "let ejabberd's user read the file (chgrp, chmod 640), or start ejabberd: of one that runs "
        "all is known",
        subjects=tuple(file for file, _ in side.exam.unread_environment),
    )


FINDINGS = (
    Declaration(
        code=CODE,
        meaning="A file with variables for ejabberd's next start is missing or cannot be read.",
        severity="warning",
        rules=(Rule("ejabberd", unit_environment),),
        instead="Who has made the file knows who may read it: put it there, or let ejabberd's user "
        "read it",
        not_in_lab="it takes hosts with systemd, which the lab does not boot",
    ),
)
