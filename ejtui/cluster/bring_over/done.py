"""What was brought over from a backup already, as it is written beside the backup.

A message that was brought over and read, or a contact that was removed since, is not brought again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ejtui import json_lines

if TYPE_CHECKING:
    from ejtui.cluster.bring_over.source import Source
    from ejtui.cluster.pair.pair import Pair

FILE = "brought-over"

# A pipe in its place would never end.
_READ = '[ -f "$1" ] && exec cat "$1"'


@dataclass(frozen=True)
class Done:
    """The accounts, and the rooms and groups, by name."""

    accounts: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()

    def to_line(self) -> bytes:
        return json_lines.line({"accounts": sorted(self.accounts), "places": sorted(self.places)})

    @classmethod
    def from_line(cls, line: bytes) -> Done:
        """What the file holds; nothing where it is none of ours."""
        try:
            said = json.loads(line)
            return cls(_names(said["accounts"]), _names(said["places"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            return cls()


def _names(said: Iterable[object]) -> frozenset[str]:
    return frozenset(name for name in said if isinstance(name, str))


async def load(pair: Pair, source: Source) -> Done:
    """What was brought over from that backup."""
    second = pair.second
    user = second.platform.service_user
    argv = ["sh", "-c", _READ, "read", file(source)]
    read = await second.host.run(argv, user=user, check=False)
    return Done.from_line(read.stdout) if read.code == 0 else Done()


async def add(pair: Pair, source: Source, done: Done) -> None:
    """Writes down that this was brought over, too."""
    before = await load(pair, source)
    after = Done(before.accounts | done.accounts, before.places | done.places)
    second = pair.second
    user = second.platform.service_user
    await second.host.write(file(source), after.to_line(), owner=None, mode=0o600, user=user)


def file(source: Source) -> str:
    """Where that is written, on second's host."""
    folder, _, name = source.path.rpartition("/")
    return f"{folder}/{FILE}-{name}.json"
