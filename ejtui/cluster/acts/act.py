"""An act: one change of a host or a node, with the command that is shown and what runs it.

Whatever ejtui changes it changes by an act, so that what a person is shown is what runs. Looking
at something is no act.
"""

from __future__ import annotations

import shlex
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Concatenate, Generic, Literal, ParamSpec, Protocol, TypeVar

from ejtui.cluster.pair.node import Node
from ejtui.erlang.probe.questions import Asked
from ejtui.hosts.host import Output
from ejtui.platforms import Platform

P = ParamSpec("P")
if TYPE_CHECKING:
    from typing_extensions import TypeVar as TypeVarWithDefault

    Result = TypeVarWithDefault("Result", covariant=True, default=object)
else:
    Result = TypeVar("Result", covariant=True)
T = TypeVar("T")


@dataclass(frozen=True)
class Command:
    """What is run where, as whom: `place` is "shell" (the host's) or "erl"."""

    host: str
    as_user: str
    place: Literal["shell", "erl"]
    text: str


class At(Protocol):
    """Where an act is done: a node of the pair, or what is known of one."""

    @property
    def name(self) -> str:
        """The configuration's name."""

    @property
    def platform(self) -> Platform: ...


@dataclass(frozen=True)
class Act(Generic[Result]):
    """One change:

    `command` is what is shown of it, `does` what does it and answers with its result.
    """

    command: Command
    does: Callable[[Node], Awaitable[Result]]

    async def run(self, node: Node) -> Result:
        """Does it on the node that it was made for; returns and raises what `does` does."""
        with doing(self.command):
            return await self.does(node)


_DOING: ContextVar[Command | None] = ContextVar("doing", default=None)
_NOTES: ContextVar[Callable[[Command], None] | None] = ContextVar("notes", default=None)
_WATCHES: ContextVar[Callable[[Command], None] | None] = ContextVar("watches", default=None)


@contextmanager
def noted(note: Callable[[Command], None]) -> Iterator[None]:
    """Each command that is run inside goes to `note` before it runs."""
    token = _NOTES.set(note)
    try:
        yield
    finally:
        _NOTES.reset(token)


@contextmanager
def watched(watch: Callable[[Command], None]) -> Iterator[None]:
    """Each command that is run inside goes to `watch` before it runs, also where others note it."""
    token = _WATCHES.set(watch)
    try:
        yield
    finally:
        _WATCHES.reset(token)


@contextmanager
def doing(command: Command) -> Iterator[None]:
    """What is run inside belongs to this command."""
    for each in (_NOTES, _WATCHES):
        if note := each.get():
            note(command)
    token = _DOING.set(command)
    try:
        yield
    finally:
        _DOING.reset(token)


def done_now() -> Command | None:
    """The command of the act that is being done, for those that watch what is run."""
    return _DOING.get()


def commands(acts: Sequence[Act]) -> list[Command]:
    """What is shown of these acts."""
    return [act.command for act in acts]


def where(shown: Sequence[Act | Command], what: str) -> list[Command]:
    """What is shown of acts that are done only in a case, with a comment that names the case."""
    found = [each.command if isinstance(each, Act) else each for each in shown]
    marks = {"shell": "#", "erl": "%"}
    return [
        replace(each, text=f"{each.text} {marks[each.place]} where {what}")
        if " where " not in each.text
        else each
        for each in found
    ]


def plain(at: At, argv: Sequence[str], user: str | None, **how: Any) -> Act[Output]:
    """A command of the host, shown as it is; None runs it as the login user, who is ejabberd's."""

    async def does(node: Node) -> Output:
        return await node.host.run(argv, user=user, **how)

    return Act(shell(at, user, shlex.join(argv)), does)


def scripted(at: At, user: str | None, text: str, does: Callable[[Node], Awaitable[T]]) -> Act[T]:
    """What a script does on the host, where the script itself would show less than `text`."""
    return Act(shell(at, user, text), does)


def asked(
    at: At,
    text: str,
    question: Callable[Concatenate[Asked, P], Awaitable[T]],
    *arguments: P.args,
    **how: P.kwargs,
) -> Act[T]:
    """A question to the host's probe that changes something, shown as Erlang."""

    async def does(node: Node) -> T:
        return await question(node.probe, *arguments, **how)

    return Act(erl(at, text), does)


def shell(at: At, user: str | None, text: str) -> Command:
    """A command in the host's shell."""
    return Command(at.name, user or at.platform.service_user, "shell", text)


def erl(at: At, text: str) -> Command:
    """What is evaluated in an Erlang VM on the host, which is the service user's."""
    return Command(at.name, at.platform.service_user, "erl", text)
