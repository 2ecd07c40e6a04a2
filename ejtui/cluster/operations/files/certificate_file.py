"""A certificate or a key on its way between hosts: sealed, and never over another file.

Nothing of it passes through ejtui readable: one probe seals it for the other, and what root then
does with it the host's guard decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui.cluster.acts.act import Act, At, Command, asked, doing, plain, shell
from ejtui.cluster.administration.document import MOST_BYTES
from ejtui.cluster.errors import StepFailed, without_stop
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.probe.questions import NamedFile
from ejtui.hosts import CommandFailed, HostError, guard
from ejtui.hosts.host import Output
from ejtui.platforms import Platform
from ejtui.platforms.platform import STEERED

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

MODE = 0o644
"""Bits of first's mode that the copy may have."""

_PLACES = (
    *("/etc/ejabberd/", "/etc/ssl/", "/etc/letsencrypt/live/", "/etc/letsencrypt/archive/"),
    *("/etc/pki/", "/etc/certs/", "/usr/local/etc/ssl/", "/usr/local/etc/letsencrypt/live/"),
    *("/usr/local/etc/ejabberd/", "/opt/ejabberd/"),
)
_ENDINGS = (".pem", ".crt", ".cer", ".key", ".der", ".p12", ".pfx", ".jwk", ".json", ".pub")

REMOVED, GONE, KEPT = "removed", "gone", "kept"
"""What remove() answers with."""


def owner_on(source: At, to: At, file: NamedFile) -> tuple[str, str]:
    """Owner and group of the copy: first's names, with the service user in its own place."""
    theirs, own = source.platform.service_user, to.platform.service_user
    return tuple(own if each == theirs else each for each in (file.owner, file.group))  # type: ignore[return-value]


def send_acts(
    source: At, to: At, path: str, staged: str, key: str = "", sealed: str = ""
) -> tuple[Act[str], Act, Act[Output]]:
    """How the content comes into a file of the other host that the service user alone may read,
    and how that file is removed once it was placed.

    `key` is what the probe of `to` opens it with, `sealed` the sealed content.
    """
    seal = f"seal the content of {path} for the probe on {to.name}."
    write = f"write {staged}, mode 0600: the content that was sealed on {source.name}."
    user = to.platform.service_user
    return (
        asked(source, seal, questions.sealed_file, path, MOST_BYTES, key),
        asked(to, write, questions.write_file, staged, sealed),
        plain(to, ["rm", "-f", staged], user, check=False),
    )


def place_command(source: At, to: At, file: NamedFile, staged: str) -> Command:
    """How the copy gets its place, owner and mode: what place() does."""
    owner, group = owner_on(source, to, file)
    mode = f"{file.mode & MODE:04o}" if file.mode else "MODE"
    text = (
        f"install -o {owner} -g {group} -m {mode} {staged} {file.path} "
        f"# where nothing is yet; as {to.platform.service_user} if others than root may write there"
    )
    return shell(to, to.platform.root, text)


def commands(source: At, to: At, file: NamedFile, staged: str) -> list[Command]:
    """What copy() runs, for showing."""
    seal, write, remove = (act.command for act in send_acts(source, to, file.path, staged))
    return [seal, write, place_command(source, to, file, staged), remove]


async def copy(source: Node, to: Node, file: NamedFile, staged: str) -> None:
    """Makes the file on the other host, by way of `staged`. Raises StepFailed."""
    try:
        key = await questions.secret_key(to.probe)
        sealed = await send_acts(source, to, file.path, staged, key)[0].run(source)
        _, write, remove = send_acts(source, to, file.path, staged, key, sealed)
        try:
            await write.run(to)
            with doing(place_command(source, to, file, staged)):
                await _place(to, file, staged, *owner_on(source, to, file))
        finally:
            await remove.run(to)
    except (ProbeError, HostError) as error:
        raise StepFailed(
            f"{file.path} cannot be copied to {to.name}: {_why(error)}. Copy it there by hand, "
            "then `ejabberdctl reload_config`"
        ) from error


def _why(error: ProbeError | HostError) -> str:
    """What went wrong, without the command: that is shown with what was run."""
    if isinstance(error, CommandFailed):
        return (guard.reason(error) or error.stderr or without_stop(error)).rstrip(".")
    return without_stop(error)


async def _place(node: Node, file: NamedFile, staged: str, owner: str, group: str) -> None:
    user = node.platform.service_user
    argv = guard.placing(file.path, staged, user, owner, group, file.mode & MODE, _records(node))
    if may_be_root(node.platform, file.path):
        await _as_root_or_user(node, argv)
    else:
        await node.host.run(argv, user=user)


def may_be_root(platform: Platform, path: str) -> bool:
    """Whether root makes that file: the other host has chosen its name and what is in it.

    It does where certificates lie, and where no name makes a file more than that.
    """
    if STEERED in platform.sources or ".." in path.split("/"):
        return False
    own = platform.config_dir.rstrip("/")
    places = (*_PLACES, *([f"{own}/"] if own else []))
    return path.startswith(places) and path.endswith(_ENDINGS)


def remove_command(at: At, path: str) -> Command:
    """How a copy is removed: what remove() does."""
    text = f"rm {path} # where it is still as it was copied, with the directories made for it"
    return shell(at, at.platform.root, text)


async def remove(node: Node, path: str) -> str:
    """Removes a copy that is as it was made; answers with what became of it. Raises HostError."""
    with doing(remove_command(node, path)):
        done = await _as_root_or_user(node, guard.removing(path, _records(node)))
    return done.stdout.decode("utf-8", "replace").strip()


def _records(node: Node) -> str:
    """Where the service user writes down what it has put somewhere."""
    return f"{node.platform.home}/.ejtui-copied"


async def _as_root_or_user(node: Node, argv: list[str]) -> Output:
    """By root where root alone may write there, else by the service user. Raises HostError."""
    root, user = node.host.root, node.platform.service_user
    try:
        return await node.host.run(argv, user=root or user)
    except HostError as error:
        why = guard.reason(error) or ""
        if not root or "others than root may write" not in why:
            raise
        return await node.host.run(argv, user=user)
