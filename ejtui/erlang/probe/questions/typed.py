"""How a question gets an answer of its type: what is of another shape is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from ejtui.erlang.probe import lines
from ejtui.erlang.probe.client import ASK_BOUND, ProbeError
from ejtui.erlang.probe.pieces import Pieces
from ejtui.erlang.probe.row_list import RowList, TooManyRows

T = TypeVar("T")

Progress = Callable[[Any], None]
Account = tuple[str, str]
"""A user and a server."""

ASKED_AT_ONCE = 20_000
"""So many accounts go with one question."""


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
    except TooManyRows as error:
        raise ProbeError("too-large", str(error)) from None
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        raise ProbeError("garbled", f"its answer is not {what}") from None


def mapping(said: object) -> Mapping[str, Any]:
    """An answer by names. Raises TypeError."""
    if not isinstance(said, Mapping):
        raise TypeError("no map")
    return said


def text(said: object) -> str:
    """One text; bytes that are no UTF-8 survive in it. Raises TypeError."""
    if isinstance(said, bytes):
        return said.decode("utf-8", "surrogateescape")
    if not isinstance(said, str):
        raise TypeError("no text")
    return str(said)


def maybe(said: object) -> str:
    """One text, "" for none. Raises TypeError."""
    return "" if said is None else text(said)


def number(said: object) -> int:
    """A whole number. Raises TypeError."""
    if isinstance(said, bool) or not isinstance(said, int):
        raise TypeError("no number")
    return said


def truth(said: object) -> bool:
    """Yes or no. Raises TypeError."""
    if not isinstance(said, bool):
        raise TypeError("neither true nor false")
    return said


def numbers(said: object) -> dict[str, int]:
    """Numbers by name. Raises TypeError."""
    return {text(name): number(value) for name, value in mapping(said).items()}


def texts(said: object) -> tuple[str, ...]:
    """A list of texts. Raises TypeError."""
    if not isinstance(said, list | tuple):
        raise TypeError("no list")
    return tuple(map(text, said))


def accounts(said: object) -> RowList[Account]:
    """The accounts in the one text that a probe answers with. Raises TypeError."""
    return rows(said, 2, pair)


def pair(row: Sequence[str]) -> Account:
    """An account of a row."""
    user, server = row
    return user, server


def rows(said: object, fields: int, make: Callable[[list[str]], T]) -> RowList[T]:
    """The rows of a text, or of its pieces, each of so many fields, as what `make` makes of them.

    Raises TypeError.
    """
    return lines.rows(said if isinstance(said, Pieces) else text(said), fields, make)


def portions(wanted: Sequence[Account]) -> Iterator[list[Account]]:
    """Accounts as questions take them, so many at once; one portion where there are none."""
    for at in range(0, max(len(wanted), 1), ASKED_AT_ONCE):
        yield list(wanted[at : at + ASKED_AT_ONCE])
