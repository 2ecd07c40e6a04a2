"""What the log of a start that failed shows, where no rule sees it on the node itself."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.cluster.diagnosis.declaration import Rule
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.finding import Finding

WARNS = "only the log of the last start shows it"
"""When what is found in a log alone is a warning, for the declarations of such codes."""


def in_log(code: str) -> Rule:
    """The rule that names this code where the log of the last start alone has it."""

    def log_shows(case: Case) -> Iterator[Finding]:
        for side in case.sides:
            cause = side.exam.log.cause
            core = side.exam.log.core
            if side.facts.ejabberd or side.facts.vm == "up" or cause is None or cause.misleading:
                continue
            if (cause.code or (core.code if core else "")) == code:
                yield Finding(
                    code,
                    f"{side.name}'s last start failed: {cause.text[:80]}",
                    side.role,
                    side.first_error(),
                    "The log of the last start shows it; the node itself does not show it now.",
                    "read the log",
                    severity="warning",
                    sure=False,
                    settled_by=f"another start of ejabberd on {side.name}",
                )

    return Rule("ejabberd", log_shows)
