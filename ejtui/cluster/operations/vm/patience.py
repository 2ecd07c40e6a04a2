"""How long a start is given: as long as it lives, and no longer."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from ejtui.cluster.facts.node import NodeFacts

SILENT_SECONDS = 30.0
"""A host that does not answer for so long is left to the code that waits for hosts."""

IDLE_SECONDS = 30.0
"""A VM in which ejabberd neither runs nor starts for so long will not start it."""

UNASKED_SECONDS = 180.0
"""A VM that cannot be asked for so long will not be seen to run."""

COMMAND_SECONDS = 300.0
"""A command that starts ejabberd, and for so long there is no VM: systemd's own bound."""

LIFELESS_SECONDS = 30.0
"""A start after which no VM is seen for so long has failed."""

GONE_SECONDS = 10.0
"""So is one whose VM was seen and then none for so long; systems start it again."""

AWAITED_SECONDS = 60.0
"""Tables that wait for so long for a node that is away need that node, not time."""

MOST_LIVES = 3
"""So many VMs that end before ejabberd runs are no start that takes long."""


class Patience:
    """Takes one look at the node after another and reports when the start has no chance left.

    A VM in which ejabberd is starting is waited for without a bound: converting passwords or
    loading large tables may take an hour. `awaited` bounds, in seconds, how long its tables may
    wait for a node that is away while none of them is loaded (None: AWAITED_SECONDS).
    """

    def __init__(
        self, awaited: float | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._awaited = AWAITED_SECONDS if awaited is None else awaited
        self._now = now
        self._state = ""
        self._since = now()
        self._lives: set[str] = set()

    def announced(self, facts: NodeFacts) -> str:
        """What tables wait for, and how long that is waited for; "" where they wait for nobody."""
        if not (facts.asked and facts.starting and facts.awaited):
            return ""
        away = ", ".join(facts.awaited)
        return (
            f"ejabberd on {facts.name} waits for tables of {away}, which does not run with it: "
            f"waiting up to {self._awaited:g} s for that"
        )

    def over(self, facts: NodeFacts, *, commanded: bool, refused: bool) -> str:
        """Why it is over, "" while there is a chance.

        `commanded` is whether the command that starts it still runs, `refused` whether it failed.
        """
        if facts.os_pid:
            self._lives.add(facts.os_pid)
        state, bound, why = self._look(facts, commanded, refused)
        if state != self._state:
            self._state, self._since = state, self._now()
        if state == "gone" and len(self._lives) >= MOST_LIVES:
            return f"{len(self._lives)} VMs were started and ended before ejabberd ran"
        return why if self._now() - self._since >= bound else ""

    def _look(self, facts: NodeFacts, commanded: bool, refused: bool) -> tuple[str, float, str]:
        """What is seen: its name, how long it may last, and what it means if it lasts longer."""
        if not facts.asked:
            return "silent", SILENT_SECONDS, facts.error
        if facts.starting and facts.awaited:
            away = ", ".join(facts.awaited)
            state = f"awaits {len(facts.waiting)}"
            return state, self._awaited, f"its tables wait for {away}, which does not run with it"
        if facts.starting:
            return "starting", math.inf, ""
        if facts.vm == "up":
            return "idle", IDLE_SECONDS, "its VM runs, and ejabberd neither runs nor starts in it"
        if facts.vm != "down" or facts.os_pid:
            return "unasked", UNASKED_SECONDS, f"its VM cannot be asked: {facts.vm_why}"
        if commanded:
            return "commanded", COMMAND_SECONDS, "the command that starts it goes on without a VM"
        gone = GONE_SECONDS if self._lives else LIFELESS_SECONDS
        return "gone", 0.0 if refused else gone, "no VM of its name runs"
