"""The magic cookie's file: copied between hosts and into backups, by the service users alone.

No cookie passes through ejtui: one probe seals it for the other, and each reads and writes as its
own host's service user.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui.cluster.acts.act import Act, At, asked
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.operations.files.safety import refused
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.platforms import Platform
from ejtui.platforms.platform import CookieOption

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

NAME = ".erlang.cookie"


def path(platform: Platform) -> str:
    """Where Erlang looks for the service user's cookie."""
    return f"{platform.home}/{NAME}"


def send_acts(source: At, to: At, key: str = "", sealed: str = "") -> tuple[Act[str], Act]:
    """How a cookie comes from one host into the file of the other: what send() does.

    `key` is what the probe of `to` opens it with, `sealed` the sealed cookie.
    """
    seal = f"seal the content of {path(source.platform)} for the probe on {to.name}."
    write = f"write {path(to.platform)}, mode 0400: the content that was sealed on {source.name}."
    return (
        asked(source, seal, questions.sealed_cookie, key),
        asked(to, write, questions.write_sealed, path(to.platform), sealed),
    )


async def send(source: Node, to: Node) -> None:
    """Writes the cookie of one host into the file of the other, for its owner alone.

    Raises StepFailed.
    """
    try:
        key = await questions.secret_key(to.probe)
        sealed = await send_acts(source, to, key)[0].run(source)
        await send_acts(source, to, key, sealed)[1].run(to)
    except ProbeError as error:
        raise _failed(to, error, f"{source.name}'s cookie cannot be copied to") from None


def copy_act(at: At, source: str, target: str) -> Act:
    """Copies a file with a cookie on one host: what copy() does."""
    return asked(
        at, f"copy {source} to {target}, mode 0400.", questions.copy_secret, source, target
    )


async def copy(node: Node, source: str, target: str) -> None:
    """Copies a file with a cookie on one host, for its owner alone. Raises StepFailed."""
    try:
        await copy_act(node, source, target).run(node)
    except ProbeError as error:
        raise _failed(node, error, "the cookie cannot be copied on") from None


def option_act(at: At, option: CookieOption) -> Act:
    """How the cookie that an option gives comes into the file: what take_option() does."""
    to = path(at.platform)
    text = f"write {to}, mode 0400: the cookie in line {option.line} of {option.path}."
    wanted = option.path, option.line, option.sha256
    return asked(at, text, questions.cookie_of_option, *wanted, to)


async def take_option(node: Node, option: CookieOption) -> None:
    """Writes the cookie that an option gives into the file, on its host. Raises StepFailed."""
    try:
        await option_act(node, option).run(node)
    except ProbeError as error:
        raise _failed(node, error, "the cookie cannot be moved on") from None


def _failed(node: Node, error: ProbeError, what: str) -> StepFailed:
    if error.code == "unsafe-path":
        return refused(node, error.text)
    return StepFailed(f"{what} {node.name}: {error.text}")
