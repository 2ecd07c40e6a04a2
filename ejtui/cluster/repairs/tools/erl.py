"""A small Erlang program run alone on a host: no node, no cookie, no connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejtui.erlang.shell.erl import erl_env

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

_QUIET = ("+S", "1", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none")


async def evaluate(node: Node, program: str, *words: str, timeout: float = 30.0) -> str:
    """Runs the program, which must halt, as the service user; returns what it printed.

    `words` are its plain arguments. Raises HostError.
    """
    platform = node.platform
    argv = [*platform.erl_line, "-noinput", *_QUIET, "-eval", program, "-extra", *words]
    ran = await node.host.run(
        argv, user=platform.service_user, env=erl_env(platform), cwd="/", timeout=timeout
    )
    return ran.stdout.decode("utf-8", "replace")
