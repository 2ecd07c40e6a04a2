"""A file system of a host that takes nothing more: small, full, and removed afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ejtui.cluster.run.events import Event, StepStarted
from ejtui.lab.lab import Lab
from tests.lab.cluster.engine import Engine

SMALL = """
install -d -o ejabberd -m 700 "$1"
mount -t tmpfs -o size=72m,mode=700 none "$1"
chown ejabberd: "$1"
"""
TMP = 'mount -t tmpfs -o size=1m,mode=1777 none "$1"'

# So many blocks of 4 KiB stay free; the file that fills is root's, and no database's.
FILL = 'head -c "$(($(stat -f -c "%f * %S" "$1") - $2 * 4096))" /dev/zero >"$1/filled"'

# A lab's own file system, which has all of this computer's memory: now it has what it holds.
LESS = """
used="$(($(stat -f -c "(%b - %f) * %S" "$1") / 1024))"
mount -o "remount,size=$((used + $2 * 4))k" "$1"
"""
MORE = 'mount -o remount,size=50% "$1"'


def shell(lab: Lab, host: str, script: str, *words: object) -> None:
    lab.run(host, ["sh", "-euc", script, "sh", *map(str, words)])


@contextmanager
def small(lab: Lab, host: str, path: str, script: str = SMALL) -> Iterator[None]:
    """A small file system lies at `path` meanwhile."""
    shell(lab, host, script, path)
    try:
        yield
    finally:
        lab.run(host, ["umount", "-l", path])


def fill(lab: Lab, host: str, path: str, blocks: int = 0) -> None:
    """So many blocks stay free."""
    shell(lab, host, FILL, path, blocks)


@contextmanager
def no_more_than(lab: Lab, host: str, path: str, blocks: int) -> Iterator[None]:
    """The file system at `path` has room for so many blocks more, meanwhile."""
    shell(lab, host, LESS, path, blocks)
    try:
        yield
    finally:
        shell(lab, host, MORE, path)


def at_start(one: Engine, step: str, act: Callable[[], object]) -> None:
    """Calls `act` once, when the step starts."""

    def on_event(event: Event) -> None:
        if isinstance(event, StepStarted) and event.operation.id == step:
            one.on_event = lambda _: None
            act()

    one.on_event = on_event
