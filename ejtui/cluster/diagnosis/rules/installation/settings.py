"""The settings of ejabberdctl: whether its shell can read them."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.cleaning import clean
from ejtui.cluster.diagnosis.declaration import Declaration, Kind, Rule
from ejtui.cluster.diagnosis.rules.case import Case, Side
from ejtui.cluster.facts.examination import BrokenFile
from ejtui.cluster.finding import Finding

CODE = "settings-syntax"

_FAILS = "ejabberdctl ends there, so that ejabberd's next start fails."

_LEAVES_OUT = (
    "bash reads that file as far as that and goes on: at its next start ejabberd has none of the "
    "settings from there on."
)

_WHY = (
    "An ejabberd that runs goes on until somebody stops it, as a join stops second. The line is "
    "where the shell noticed it: what is open there may begin above."
)


def settings_syntax(case: Case) -> Iterator[Finding]:
    """Files that ejabberdctl's shell cannot read whole."""
    for side in case.sides:
        for file in side.exam.broken_files:
            yield _broken(side, file)


def _broken(side: Side, file: BrokenFile) -> Finding:
    path, shell = clean(file.path), clean(file.shell)
    line = f", line {file.line}" if file.line else ""
    effect = _LEAVES_OUT if file.is_left_at_once else _FAILS
    return Finding(
        CODE,
        f"{side.name}'s {path} has a syntax error",
        side.role,
        (f"{side.name}: {path}{line}: {clean(file.why)} (`{shell} -n`)",),
        f"{effect} {_WHY}",
        f"correct {path} on {side.name} by hand: `{shell} -n {path}` then prints nothing",
        subjects=(file.path,),
    )


FINDINGS = (
    Declaration(
        code=CODE,
        meaning="ejabberdctl, or the file with its settings, is no correct shell program.",
        rules=(Rule("ejabberd", settings_syntax, among="host"),),
        brings_about_there=(Kind.NOT_RUNNING,),
        instead="only a person knows what that file should have: correct it by hand, until the "
        "shell that the finding names prints nothing with -n",
    ),
)
