"""Erlang node names: what may stand before and after the `@`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_NAME = re.compile(r"[0-9A-Za-z_\-]+")
_HOST = re.compile(r"[0-9A-Za-z_.\-]+|\[?[0-9A-Fa-f:.]+\]?")
_ATOM_LIMIT = 255


class BadNodeName(ValueError):
    """A text that no Erlang node can be called; the message has the reason and the right form."""


@dataclass(frozen=True)
class NodeName:
    """An Erlang node's name, `name@host`.

    `style` is `long` (`-name`) when the host part has a dot (or colons), else `short`
    (`-sname`). ejabberdctl chooses by the same rule.
    """

    name: str
    host: str

    @classmethod
    def parse(cls, text: str) -> NodeName:
        """Takes a node name apart. Raises BadNodeName."""
        name, at, host = text.partition("@")
        if not at:
            raise BadNodeName(f"{text!r} is no Erlang node name: it would be NAME@HOST")
        if not _NAME.fullmatch(name):
            raise BadNodeName(
                f"{text!r} is no Erlang node name: before the @ stand letters, digits, _ and - only"
            )
        if not _HOST.fullmatch(host):
            raise BadNodeName(
                f"{text!r} is no Erlang node name: after the @ stands a host name or an address"
            )
        if len(text) > _ATOM_LIMIT:
            raise BadNodeName(f"{text[:32]!r}… is no Erlang node name: longer than 255 characters")
        return cls(name, host)

    @classmethod
    def valid(cls, text: str) -> bool:
        """Whether parse() takes it."""
        try:
            cls.parse(text)
        except BadNodeName:
            return False
        return True

    @property
    def style(self) -> Literal["short", "long"]:
        return "long" if "." in self.host or ":" in self.host else "short"

    @property
    def of_localhost(self) -> bool:
        """Whether it is named after localhost, which each host takes for itself."""
        return self.host.partition(".")[0] == "localhost"

    @property
    def flag(self) -> str:
        """The option that gives erl a name of this style."""
        return "-sname" if self.style == "short" else "-name"

    def __str__(self) -> str:
        return f"{self.name}@{self.host}"
