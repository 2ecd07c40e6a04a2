"""How a question gets an answer of its type: what is of another shape is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from ejtui.erlang.probe import lines
from ejtui.erlang.probe.client import ASK_BOUND, ProbeError

Progress = Callable[[Any], None]
Account = tuple[str, str]
"""A user and a server."""


class Asked(Protocol):
    """A probe, as far as questions need one."""

    async def ask(
        self,
        question: str,
        *args: object,
        timeout: float = ASK_BOUND,
        on_progress: Progress | None = None,
    ) -> Any: ...


@contextmanager
def typed(what: str) -> Iterator[None]:
    """Inside, an answer is taken apart. Raises ProbeError "garbled" where it is not `what`."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        raise ProbeError("garbled", f"its answer is not {what}") from None


def mapping(answer: object) -> Mapping[str, Any]:
    """An answer by names. Raises TypeError."""
    if not isinstance(answer, Mapping):
        raise TypeError("no map")
    return answer


def text(answer: object) -> str:
    """One text; bytes that are no UTF-8 survive in it. Raises TypeError."""
    if isinstance(answer, bytes):
        return answer.decode("utf-8", "surrogateescape")
    if not isinstance(answer, str):
        raise TypeError("no text")
    return str(answer)


def maybe(answer: object) -> str:
    """One text, "" for none. Raises TypeError."""
    return "" if answer is None else text(answer)


def number(answer: object) -> int:
    """A whole number. Raises TypeError."""
    if isinstance(answer, bool) or not isinstance(answer, int):
        raise TypeError("no number")
    return answer


def truth(answer: object) -> bool:
    """Yes or no. Raises TypeError."""
    if not isinstance(answer, bool):
        raise TypeError("neither true nor false")
    return answer


def numbers(answer: object) -> dict[str, int]:
    """Numbers by name. Raises TypeError."""
    return {text(name): number(value) for name, value in mapping(answer).items()}


def texts(answer: object) -> tuple[str, ...]:
    """A list of texts. Raises TypeError."""
    if not isinstance(answer, list | tuple):
        raise TypeError("no list")
    return tuple(map(text, answer))


def accounts(answer: object) -> list[Account]:
    """The accounts in the one text that a probe answers with. Raises TypeError."""
    return [(user, server) for user, server in lines.rows(text(answer), 2)]
