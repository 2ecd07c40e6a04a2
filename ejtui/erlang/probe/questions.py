"""What the probe is asked, each question with its typed answer.

An answer that is not of its type raises ProbeError "garbled": nothing is made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.terms.etf import Atom


class Asked(Protocol):
    """A probe, as far as questions need one."""

    async def ask(
        self,
        question: str,
        *args: object,
        timeout: float = 0.0,
        on_progress: Callable[[Any], None] | None = None,
    ) -> Any: ...


@dataclass(frozen=True)
class Vm:
    """The VM of the node's name: "up", "down", "rejected" or "unknown", and why."""

    state: str
    why: str = ""


@dataclass(frozen=True)
class Room:
    """What is free on a file system, in bytes, and where it is mounted."""

    free: int
    mount: str


@dataclass(frozen=True)
class Entry:
    """One entry of a directory, no link followed: `mtime` in seconds of the epoch."""

    name: str
    kind: str
    size: int = 0
    owner: str = ""
    uid: int = -1
    mode: int = 0
    mtime: int = 0

    @property
    def is_file(self) -> bool:
        return self.kind == "regular"


@dataclass(frozen=True)
class Sum:
    """A file's SHA-256 and its size in bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Way:
    """How far a host reaches a node: the layer that is broken, "" for none, and why."""

    broken: str = ""
    why: str = ""


@dataclass(frozen=True)
class Read:
    """A Mnesia backup that was read to its end."""

    tables: tuple[str, ...]
    records: int


@contextmanager
def _typed(what: str) -> Iterator[None]:
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError):
        raise ProbeError("garbled", f"its answer is not {what}") from None


async def vm(probe: Asked) -> Vm:
    """Whether a VM of the node's name runs. Raises ProbeError."""
    said = await probe.ask("vm")
    with _typed("the state of a VM"):
        return Vm(str(said["vm"]), str(said.get("vm_why") or ""))


async def room(probe: Asked, path: str) -> Room:
    """What is free where a path lies, or will lie. Raises ProbeError."""
    said = await probe.ask("room", path)
    with _typed("the room on a file system"):
        return Room(int(said["free"]), str(said["mount"]))


async def entries(probe: Asked, directory: str) -> list[Entry]:
    """What lies in a directory. Raises ProbeError."""
    said = await probe.ask("list_dir", directory)
    with _typed("the entries of a directory"):
        return [_entry(each) for each in said]


def _entry(said: Mapping[str, Any]) -> Entry:
    known = {key: said[key] for key in ("size", "owner", "uid", "mode", "mtime") if key in said}
    name = said["name"]
    text = name.decode("utf-8", "surrogateescape") if isinstance(name, bytes) else str(name)
    return Entry(text, str(said["type"]), **known)


async def sums(probe: Asked, paths: Sequence[str], timeout: float) -> list[Sum]:
    """The checksums of files, in their order. Raises ProbeError."""
    said = await probe.ask("checksum", list(paths), timeout=timeout)
    with _typed("the checksums of files"):
        return [Sum(str(path), str(sha), int(size)) for path, sha, size in said]


async def unsafe(probe: Asked, directories: Sequence[str]) -> list[tuple[str, str]]:
    """Those directories where nothing should be kept, each with why. Raises ProbeError."""
    said = await probe.ask("unsafe", list(directories))
    with _typed("a list of paths"):
        return [(str(path), str(why)) for path, why in said]


async def way(probe: Asked, node: str, cookie: str | None = None) -> Way:
    """How far the host reaches the node of that name. Raises ProbeError.

    With the digest of that node's cookie ("" for unknown) no handshake is tried that must fail or
    was just refused.
    """
    known = () if cookie is None else (cookie,)
    said = await probe.ask("layers", Atom(node), *known)
    with _typed("a way to a node"):
        return Way(str(said["broken"] or ""), str(said["why"] or ""))


async def cookie_sha256(probe: Asked) -> str:
    """The digest of the cookie file, "" where it cannot be read. Raises ProbeError."""
    said = await probe.ask("cookie")
    with _typed("a cookie file"):
        return str(said.get("sha256") or "")


async def slot(probe: Asked) -> str:
    """The number of the probe among all of its host. Raises ProbeError."""
    return str(await probe.ask("slot"))


async def run_erl(probe: Asked) -> str:
    """Where the host has Erlang's run_erl, "" where it has none. Raises ProbeError."""
    return str(await probe.ask("run_erl") or "")


async def changes_schema(probe: Asked) -> bool:
    """Whether the node is changing its schema now. Raises ProbeError."""
    return bool(await probe.ask("changes_schema"))


async def next_release(probe: Asked) -> str:
    """The release of ejabberd that the next start runs, "" for unknown. Raises ProbeError."""
    return str(await probe.ask("next_ejabberd") or "")


async def table_progress(probe: Asked, node: str, table: str) -> tuple[int | None, int | None]:
    """How many records and bytes of a table that is being copied are there; None for unknown.

    Raises ProbeError.
    """
    said = await probe.ask("table_progress", Atom(node), Atom(table))
    with _typed("how far a copy is"):
        records, size = said
        return records, size


async def listeners(probe: Asked) -> list[tuple[int, bool, str]]:
    """Where ejabberd serves its web admin: port, whether by TLS, path. Raises ProbeError."""
    said = await probe.ask("web_admin")
    with _typed("a list of listeners"):
        return [(int(port), bool(tls), str(path)) for port, tls, path in said]


async def read_backup(
    probe: Asked, path: str, timeout: float, on_progress: Callable[[Any], None] | None = None
) -> Read:
    """Reads a Mnesia backup to its end. Raises ProbeError."""
    said = await probe.ask("check_backup", path, timeout=timeout, on_progress=on_progress)
    with _typed("the content of a backup"):
        return Read(tuple(map(str, said["tables"])), int(said["records"]))
