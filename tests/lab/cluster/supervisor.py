"""A supervisor on a lab's host: a loop that starts ejabberd whenever it is down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ejtui.lab.faults.node import LabNode
from ejtui.lab.lab import Lab

NAME = "keep-ejabberd.sh"

LOOP = """\
#!/bin/sh
while sleep 1; do
    ejabberdctl status >/dev/null 2>&1
    [ $? = 3 ] && ejabberdctl start
done
"""

FOREGROUND = """\
#!/bin/sh
while true; do ejabberdctl foreground; done
"""
"""As container images and runit services do: it ends with ejabberd, and begins again at once."""

_BEGIN = """
cat > "$1"
chmod +x "$1"
setsid --fork sh -c 'echo $$ > "$1.pid"; exec sh "$1"' sh "$1" </dev/null >/dev/null 2>&1
"""
_END = 'if [ -e "$1.pid" ]; then kill "$(cat "$1.pid")" || true; rm "$1.pid"; fi'


class Supervisor:
    """The loop on one host; started and ended as often as a test likes."""

    def __init__(self, lab: Lab, host: str, loop: str = LOOP) -> None:
        self._node = LabNode(lab, host)
        self._loop = loop
        self._path = f"/run/{NAME}"

    def begin(self) -> None:
        """It looks for the first time a second later."""
        self._node.script(_BEGIN, self._path, stdin=self._loop.encode())

    def end(self) -> None:
        """Ends it; well when it does not run. A start that it began goes on."""
        self._node.script(_END, self._path)


@contextmanager
def supervised(lab: Lab, host: str) -> Iterator[Supervisor]:
    """One that runs until it is ended, or the test is."""
    one = Supervisor(lab, host)
    one.begin()
    try:
        yield one
    finally:
        one.end()
