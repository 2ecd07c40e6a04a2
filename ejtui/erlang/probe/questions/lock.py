"""Questions about the lock of a pair on the host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ejtui.erlang.probe.questions.typed import Asked, mapping, text, typed


@dataclass(frozen=True)
class Lock:
    """How a lock stands: "held" by the one that asks, "free", "busy" or "unknown".

    `holder` is what another one has noted of itself, `why` is why it is unknown.
    """

    state: str
    holder: Mapping[str, object] = field(default_factory=dict)
    why: str = ""


async def take_lock(probe: Asked, path: str, info: Mapping[str, str]) -> Lock:
    """Takes the lock, with what its holder notes of itself. Raises ProbeError."""
    said = await probe.ask("lock", path, info)
    with typed("how a lock stands"):
        return _lock(said)


async def release_lock(probe: Asked, path: str) -> None:
    """Gives it back. Raises ProbeError."""
    await probe.ask("unlock", path)


async def look_at_lock(probe: Asked, path: str) -> Lock:
    """Who holds the lock. Raises ProbeError."""
    said = await probe.ask("lock_info", path)
    with typed("how a lock stands"):
        return _lock(said)


def _lock(said: object) -> Lock:
    if not isinstance(said, tuple):
        return Lock(_known(said, "held", "free"))
    state, more = said
    if _known(state, "busy", "unknown") == "busy":
        return Lock("busy", mapping(more))
    return Lock("unknown", why=text(more))


def _known(said: object, *states: str) -> str:
    if said not in states:
        raise ValueError("no state of a lock")
    return str(said)
