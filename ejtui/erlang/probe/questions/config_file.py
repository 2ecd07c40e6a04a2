"""Questions about ejabberd.yml; what is in it passes sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ejtui.erlang.probe.questions.typed import Asked, mapping, number, text, texts, truth, typed


@dataclass(frozen=True)
class LoadedFile:
    """Which file a running ejabberd has loaded, where relative names in it start, and its sealed
    macros. Of a stopped one the macros of its next start alone. `others` are the files of others'
    modules that it reads, too. `expands`: it puts macros into texts; None where it does not run."""

    path: str
    directory: str
    macros: str
    others: tuple[str, ...] = ()
    expands: bool | None = None


async def loaded_file(probe: Asked, key: str) -> LoadedFile | None:
    """What the running ejabberd has loaded, None where nothing is known. Raises ProbeError."""
    said = await probe.ask("config_about", key)
    with typed("a loaded file"):
        if said is None:
            return None
        known = mapping(said)
        return LoadedFile(
            text(known["path"]), text(known["directory"]), text(known["macros"]),
            texts(known.get("others", ())), truth(known["expands"]) if "expands" in known else None,
        )  # fmt: skip


async def sealed_file(probe: Asked, path: str, most: int, key: str) -> str:
    """A file of at most so many bytes, sealed for that key. Raises ProbeError."""
    said = await probe.ask("sealed_file", path, most, key)
    with typed("a sealed file"):
        return text(said)


async def write_file(probe: Asked, path: str, sealed: str) -> None:
    """Writes what was sealed for this probe into a new file. Raises ProbeError."""
    await probe.ask("write_file", path, sealed)


async def code_paths(probe: Asked) -> tuple[str, ...]:
    """Where the code of ejabberd lies on the host. Raises ProbeError."""
    said = await probe.ask("code_paths")
    with typed("a list of paths"):
        return texts(said)


async def unread_environment(probe: Asked) -> tuple[tuple[str, str], ...]:
    """Files with the environment of the next start that the service user cannot read, and why.

    Why is a POSIX code; none where ejabberd runs. Raises ProbeError.
    """
    said = await probe.ask("unread_environment")
    with typed("a list of files"):
        return tuple((text(path), text(code)) for path, code in said)


async def broken_settings(probe: Asked, program: str, most: int) -> tuple[str, ...]:
    """What `program`, a shell's, prints of ejabberdctl and its settings: texts between null bytes.

    It looks at files of at most `most` bytes. Raises ProbeError.
    """
    said = await probe.ask("broken_settings", program, most)
    with typed("what a shell prints"):
        return tuple(text(said).split("\0")[:-1])


CHECK_BOUND = 60.0


async def check_file(probe: Asked, line: Sequence[str], program: str, file: str, key: str) -> str:
    """What `program`, which has ejabberd read the file, prints of it, sealed for that key.

    `line` is how erl is called. Raises ProbeError.
    """
    said = await probe.ask("check_file", list(line), program, file, key, timeout=CHECK_BOUND)
    with typed("what a reader prints"):
        return text(said)


async def unknown_options(
    probe: Asked, line: Sequence[str], program: str, names: Sequence[str]
) -> tuple[str, ...]:
    """Those of the names that `program` finds no option for; none where it cannot be asked.

    `line` is how erl is called. Raises ProbeError.
    """
    said = await probe.ask("unknown_options", list(line), program, list(names), timeout=CHECK_BOUND)
    with typed("names of options"):
        return () if said is None else texts(said)


@dataclass(frozen=True)
class NamedFile:
    """A file that an ejabberd.yml names: `kind` is pem, jwk, other or unreadable.

    `why` is empty for a certificate or a key; `mode` are the permission bits.
    """

    path: str
    kind: str
    mode: int
    owner: str
    group: str
    why: str = ""


async def named_files(probe: Asked, patterns: Sequence[str]) -> Mapping[str, tuple[NamedFile, ...]]:
    """What is on the host under each of these names or patterns of names. Raises ProbeError."""
    said = await probe.ask("certificates", list(patterns))
    with typed("a list of certificates"):
        return {text(pattern): tuple(map(_named_file, rows)) for pattern, rows in said}


def _named_file(row: Sequence[object]) -> NamedFile:
    path, kind, mode, owner, group, why = row
    bits = number(mode) & 0o777
    return NamedFile(text(path), text(kind), bits, text(owner), text(group), text(why))
