"""The pair for a command: opened, host keys asked about, closed again."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from functools import partial

from ejtui import own_files
from ejtui.cleaning import clean
from ejtui.cli.configuration import addressed
from ejtui.cli.confirm import on_terminal, read_question
from ejtui.cli.password_prompt import secrets_asker
from ejtui.cli.render.progress import ProgressLine, Quiet
from ejtui.cli.render.text import flowed
from ejtui.cli.render.waiting import WaitingLine
from ejtui.cli.result import CommandResult
from ejtui.cluster.pair.node import Node
from ejtui.cluster.pair.pair import Pair
from ejtui.cluster.question import Question
from ejtui.config import Config
from ejtui.hosts import HostKeyUnknown


def progress_of(args: Namespace, answer: CommandResult) -> ProgressLine | Quiet:
    """What shows a run of this command line."""
    if answer.json:
        return Quiet()
    worded = partial(addressed, args=args)
    return ProgressLine(sys.stdout, bell=args.bell, worded=worded)


@asynccontextmanager
async def open_pair(
    config: Config, paused: Callable[[], AbstractContextManager[None]] = nullcontext
) -> AsyncIterator[Pair]:
    """The pair with both hosts tried: one that is not reached has the error in its facts.

    A host key that nobody has seen before is shown and asked about where there is a terminal,
    and so are passwords, for which `paused` keeps everything else off it.
    """
    line = WaitingLine(sys.stderr)

    @contextmanager
    def all_paused() -> Iterator[None]:
        with line.paused(), paused():
            yield

    def say(text: str) -> None:
        with all_paused():
            print(flowed(clean(f"ejtui: {text}"), sys.stderr), file=sys.stderr)

    with own_files.heard_by(say):
        pair = Pair(config, secrets_asker(all_paused))
        try:
            with line.waiting(f"connecting to {config.first} and {config.second}"):
                await pair.open()
            for node in (pair.first, pair.second):
                await _introduced(node)
            yield pair
        finally:
            await pair.close()


async def _introduced(node: Node) -> None:
    """Ask about the host's key, then connect again, held to exactly that key."""
    # A jump host's key comes first, then that of the host behind it.
    while isinstance(trouble := node.trouble, HostKeyUnknown) and on_terminal():
        if not await accepted(node.name, trouble):
            return
        await node.open()


async def accepted(name: str, trouble: HostKeyUnknown) -> bool:
    """Ask the person at the terminal about a host key; a yes adds it to known_hosts."""
    question = Question(
        title=f"{name} ({trouble.where}) shows a host key that is not known here",
        takes=(f"{trouble.algorithm}, fingerprint {trouble.fingerprint}",),
        consequence="Compare it with the one on that host: ssh-keygen -lf on its "
        f"/etc/ssh/ssh_host_*_key.pub. A yes adds it to {trouble.known_hosts_file}.",
        yes_label="Trust this key",
    )
    if not await read_question(question):
        return False
    from ejtui.hosts.ssh.known_hosts import remember

    remember(trouble)
    return True
