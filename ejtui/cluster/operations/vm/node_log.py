"""The end of ejabberd's log: as evidence, and line by line while a start or a stop takes long."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ejtui.cleaning import clean
from ejtui.cluster.administration.refusals import logged
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

LOG_AFTER, LOG_EVERY = 3.0, 2.0
"""Seconds after which the last line of the log is shown, and between two looks for another."""

LOG_LINES = 12

_LOG_READ = 200
"""So many lines are read for them; attempts of probes may stand between."""

_OF_A_PROBE = "Connection attempt from node ejtui_"

Say = Callable[[str], None]


def silent(_: str) -> None:
    """For callers who show nothing of a start or a stop."""


class LogWatch:
    """Shows the last line of ejabberd's log, when it is another, while it starts or stops."""

    def __init__(self, node: Node, say: Say, doing: str) -> None:
        self._node = node
        self._say = say
        self._doing = doing
        self._next = time.monotonic() + LOG_AFTER
        self._shown = ""
        self._announced = ""

    def announce(self, line: str) -> None:
        """Shows what is waited for, when it is something else than before."""
        if line and line != self._announced:
            self._say(line)
        self._announced = line or self._announced

    async def skip_present(self) -> None:
        """What stands in the log now is of before: it is no news of this start or stop."""
        if self._say is not silent:
            self._shown = (await log_end(self._node, 1)).strip()

    async def look(self) -> None:
        """Shows the last line where it is another; reads it every few seconds only."""
        if self._say is silent or time.monotonic() < self._next:
            return
        line = (await log_end(self._node, 1)).strip()
        if line and line != self._shown:
            self._say(f"ejabberd is {self._doing} on {self._node.name}: {clean(line)}")
            self._shown = line
        self._next = time.monotonic() + LOG_EVERY


async def log_end(node: Node, lines: int = LOG_LINES) -> str:
    """The last lines of the node's log, or why they cannot be read.

    Without blank lines, and without what it logs of a probe whose cookie differs: neither is news
    of ejabberd.
    """
    path = f"{node.platform.log_dir}/ejabberd.log"
    try:
        output = await node.host.run(
            ["tail", "-n", str(_LOG_READ), path], user=node.platform.service_user, check=False
        )
    except HostError as error:
        return str(error)
    read = (output.stdout or output.stderr).decode("utf-8", "replace").splitlines()
    news = [each.rstrip() for each in read if each.strip() and _OF_A_PROBE not in each]
    return logged("\n".join(news[-lines:]))
