"""The probe's modules as a host has compiled them, kept for the probe's next start there.

A host is given nothing but what it compiled itself, so that none can bring its code to another:
`identity` is that of `Host`, which an address is not.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from ejtui import paths
from ejtui.erlang.probe.bootstrap import sources
from ejtui.erlang.terms import etf
from ejtui.erlang.terms.etf import Atom, BadTerm

_DIGEST = hashlib.sha256().digest_size

Module = tuple[Atom, bytes]


def parts(identity: str, release: str) -> Sequence[bytes | Module]:
    """What the bootstrap of that host and release is given: the compiled modules, or sources."""
    if not identity:
        return sources()
    try:
        kept = _file(identity, release).read_bytes()
        if hashlib.sha256(kept[_DIGEST:]).digest() == kept[:_DIGEST]:
            return [(Atom(name), code) for name, code in _decoded(kept[_DIGEST:])]
    except (OSError, BadTerm):
        pass
    return sources()


def keep(identity: str, release: str, modules: Sequence[Module]) -> None:
    """Keep what the host compiled, and nothing older of it; where it cannot be kept, it is not."""
    if not identity:
        return
    with contextlib.suppress(OSError, BadTerm):
        path = _file(identity, release)
        data = etf.encode([(Atom(name), code) for name, code in modules])
        new = path.with_suffix(f".{os.getpid()}")
        try:
            new.touch(mode=0o600)
            new.write_bytes(hashlib.sha256(data).digest() + data)
            new.rename(path)
        finally:
            new.unlink(missing_ok=True)
        for other in path.parent.glob(f"{path.name.partition('-')[0]}-*"):
            if other != path:
                other.unlink(missing_ok=True)


def _decoded(data: bytes) -> Sequence[Module]:
    value = etf.decode(data)
    if not isinstance(value, list):
        raise BadTerm("no list of modules")
    return value


def _file(identity: str, release: str) -> Path:
    """By host, release and the sources themselves."""
    wanted = hashlib.sha256(b"\0".join([release.encode(), *sources()])).hexdigest()
    host = hashlib.sha256(identity.encode()).hexdigest()
    return paths.compiled_dir() / f"{host[:16]}-{wanted[:16]}"
