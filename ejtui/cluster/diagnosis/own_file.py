"""A node's ejabberd.yml on its host, as it is there: read, and what ejabberd's own reader reports.

What it holds passes sealed: see `ejtui.erlang.probe.sealing`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ejtui import scripts
from ejtui.cleaning import clean
from ejtui.cluster.administration.document import MOST_BYTES, BadFile
from ejtui.cluster.administration.masking import difference, hidden, secrets
from ejtui.cluster.administration.refusals import reported
from ejtui.cluster.administration.written import Written, read_written
from ejtui.cluster.diagnosis.rules.installation.releases import number
from ejtui.cluster.errors import StepFailed
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError
from ejtui.platforms import Platform

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

NAME = "ejabberd.yml"

EXPANDS = (25, 3)
"""From this release on ejabberd puts macros between @ into texts."""

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""How a file begins that is in UTF-16: libyaml reads it, and nobody writes one."""

_READER = scripts.erlang(__file__, "own_reader.eval")
_QUIET = ("+S", "1", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none")


def path(platform: Platform) -> str:
    """Where the host's own settings have the file."""
    return platform.config_file


@dataclass(frozen=True)
class About:
    """What a running ejabberd reports: the file it has loaded, and how it reads it."""

    path: str = ""
    directory: str = ""
    macros: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    expands: bool | None = None


async def about(node: Node) -> About:
    """Empty where ejabberd does not run or answer. Raises ProbeError."""
    from ejtui.erlang.probe.sealing import Seal

    seal = Seal()
    known = await questions.loaded_file(node.probe, seal.public)
    if known is None:
        return About()
    text = seal.opened(known.macros).decode("utf-8", "surrogateescape")
    pairs = [line.partition("=") for line in text.split("\0") if line]
    macros = {name: value for name, _, value in pairs}
    return About(known.path, known.directory, macros, known.others, known.expands)


async def read(node: Node, *, instead: str | None = None) -> Written:
    """The file, with all that it includes. Raises BadFile, ProbeError, HostError, StepFailed.

    With `instead` the file is taken to have this text. Refused is a running ejabberd that has
    loaded another file than the host's settings name.
    """
    known = await about(node)
    wanted = path(node.platform)
    if known.path and known.path != wanted and not await _same(node, known.path, wanted):
        raise StepFailed(
            clean(
                f"ejabberd on {node.name} has loaded {known.path}, and its settings name {wanted}: "
                f"set config_dir in [nodes.{node.name}] to where its {NAME} is"
            )
        )

    async def text(name: str) -> str:
        if instead is not None and name == wanted:
            return instead
        return await _text(node, name)

    directory = known.directory or node.platform.spool_dir
    return await read_written(
        wanted, text, directory=directory, environment=known.macros, more=known.others,
        expands=_expands(node) if known.expands is None else known.expands,
    )  # fmt: skip


def _expands(node: Node) -> bool:
    """The same of a stopped one, by the release that is installed."""
    release = node.facts.ejabberd_version
    return not release or number(release) >= EXPANDS


async def changes(node: Node, kept: str) -> tuple[str, ...]:
    """What changes in the file where it gets the content of `kept`: lines without secrets.

    Raises BadFile, ProbeError, HostError, StepFailed.
    """
    now = await read(node)
    then = await read(node, instead=await _text(node, kept))
    shown = await asyncio.to_thread(difference, now.main, then.main, secrets(now) | secrets(then))
    return tuple(shown)


async def _same(node: Node, one: str, other: str) -> bool:
    """Whether two names are of one file, one of them perhaps a link."""
    argv = ["test", one, "-ef", other]
    user = node.platform.service_user
    return (await node.host.run(argv, user=user, check=False)).code == 0


_RIGHT = {
    "enoent": "put it there, or name the place where it is",
    "eacces": "let ejabberd's user read it",
    "efbig": "take out of it what is no setting",
    "eftype": "put the file itself there",
}


def unreadable(name: str, code: str, why: str) -> str:
    """Why a file of the node of that name is not read, and what would be right."""
    right = _RIGHT.get(code, "")
    return f"it cannot be read on {name}: {why}" + (f"; {right}" if right else "")


async def _text(node: Node, name: str) -> str:
    from ejtui.erlang.probe.sealing import Seal

    seal = Seal()
    try:
        said = await questions.sealed_file(node.probe, name, MOST_BYTES, seal.public)
    except ProbeError as error:
        if error.code in ("lost", "timeout"):
            raise
        raise BadFile(name, 0, unreadable(node.name, error.code, error.text)) from None
    text = seal.opened(said)
    if text.startswith(_UTF_16) or b"\0" in text[:4]:
        raise BadFile(name, 0, "it is in UTF-16 or UTF-32, and ejtui reads UTF-8; save it in UTF-8")
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadFile(name, 0, f"byte {error.start} is no UTF-8; write it in UTF-8") from None


async def checked(node: Node, place: str) -> str:
    """What ejabberd's own reader prints of the file, for `verdict`. Raises HostError, ProbeError.

    It may repeat a secret of the file.
    """
    from ejtui.erlang.probe.sealing import Seal

    seal, line = Seal(), (*node.platform.erl_line, *_QUIET)
    said = await questions.check_file(node.probe, line, _READER, place, seal.public)
    return seal.opened(said).decode("utf-8", "replace")


def verdict(said: str) -> str | None:
    """Why the reader refuses the file, "" where it takes it; None where it did not come to that."""
    lines = said.splitlines()
    for at in range(len(lines) - 1, -1, -1):
        word, _, rest = lines[at].partition(" ")
        if word == "read":
            return ""
        if word == "refused":
            return reported(" ".join([rest, *lines[at + 1 :]])) or "it gives no reason"
    return None


async def unread(node: Node) -> tuple[tuple[str, str], ...]:
    """Files with the environment of the next start that ejabberd's user cannot read, and why.

    None where that cannot be asked, or ejabberd runs.
    """
    try:
        return await questions.unread_environment(node.probe)
    except (ProbeError, HostError):
        return ()


async def read_without(node: Node) -> str:
    """What a reader that refuses the file was asked without, for the front of its reason."""
    files = ", ".join(clean(file) for file, _ in await unread(node))
    return f"read without the variables of {files}, which its unit has: " if files else ""


async def closed(node: Node) -> str:
    """Why ejabberd's user cannot open the file, so that no start succeeds; "" where it can.

    "" too where that is not known, and where a running ejabberd has loaded another file.
    """
    try:
        known, wanted = await about(node), path(node.platform)
        if known.path and known.path != wanted and not await _same(node, known.path, wanted):
            return ""
        await _text(node, wanted)
    except BadFile as error:
        return str(error)
    except (ProbeError, HostError):
        return ""
    return ""


async def refusal(node: Node) -> str:
    """Why the reader refuses the node's file, in its own words without secrets.

    "" where that is not known: of a file that cannot be read, nobody knows its secrets.
    """
    try:
        known = secrets(await read(node))
        why = hidden(verdict(await checked(node, path(node.platform))) or "", known)
        return why and await read_without(node) + why
    except BadFile as error:
        return str(error)
    except (StepFailed, ProbeError, HostError):
        return ""
