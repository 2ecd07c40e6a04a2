"""What a running ejabberd has loaded of its ejabberd.yml."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

NODE = ""
"""Stands in place of a virtual host for an option of the whole node."""


@dataclass(frozen=True)
class Setting:
    """One value: its digest, and as text where it can hold no secret, else "".

    Rules have a line each. `parts` are the settings in it, where each has a name.
    """

    digest: str
    text: str = ""
    parts: Mapping[str, Setting] = field(default_factory=dict)

    @classmethod
    def from_probe(cls, digest: object, text: object, parts: Sequence[Any] = ()) -> Setting:
        """From what the probe gives of one value."""
        named = {str(name): cls(str(mark), str(shown)) for name, mark, shown in parts}
        return cls(str(digest), str(text), named)


@dataclass(frozen=True)
class Administration:
    """How two nodes' settings differ: how many stop a join, and every difference as a line."""

    serious: int = 0
    lines: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return len(self.lines)

    def undecided(self, decided: Collection[str]) -> tuple[str, ...]:
        """The lines about which the operator has not decided, by the digests of those that are."""
        return tuple(each for each in self.lines if digest(each) not in decided)


def digest(line: str) -> str:
    """What stands for a difference among those that the operator has decided about."""
    return hashlib.sha256(line.encode("utf-8", "surrogateescape")).hexdigest()


Options = Mapping[str, Setting]


@dataclass(frozen=True)
class NodeSettings:
    """Both kinds of options by virtual host; not `asked` where ejabberd does not answer.

    `ticktime` is in seconds, None where it is not known. `kernel` are other settings of Erlang's
    kernel that have to agree, as text. `certified` are the hosts that a
    loaded certificate is valid for. `unreadable` are the certificate files that the service user
    cannot read: (path, why). `accounts` has for each host with accounts in SQL the digest of all
    their names, where they are few enough to be listed.
    """

    asked: bool = False
    hosts: tuple[str, ...] = ()
    ticktime: int | None = None
    kernel: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Options] = field(default_factory=dict)
    modules: Mapping[str, Mapping[str, Options]] = field(default_factory=dict)
    certified: frozenset[str] = frozenset()
    unreadable: tuple[tuple[str, str], ...] = ()
    accounts: Mapping[str, str] = field(default_factory=dict)

    @property
    def uses_sql(self) -> bool:
        """Whether something of what it serves is kept in SQL."""
        databases = [
            options[name]
            for options in self.options.values()
            for name in ("auth_method", "default_db")
            if name in options
        ]
        databases += [
            options["db_type"]
            for modules in self.modules.values()
            for options in modules.values()
            if "db_type" in options
        ]
        return any("sql" in setting.text for setting in databases)

    @classmethod
    def from_probe(cls, said: Mapping[Any, Any] | None) -> NodeSettings:
        """From the probe's answer. Raises LookupError, TypeError, ValueError for no such answer."""
        if said is None:
            return cls()
        options: dict[str, dict[str, Setting]] = {}
        for host, name, digest, text in said["options"]:
            options.setdefault(str(host), {})[str(name)] = Setting(str(digest), str(text))
        modules: dict[str, dict[str, Options]] = {}
        for host, module, values in said["modules"]:
            modules.setdefault(str(host), {})[str(module)] = {
                str(name): Setting.from_probe(*value) for name, *value in values
            }
        ticktime = said["ticktime"]
        return cls(
            asked=True,
            hosts=tuple(map(str, said["hosts"])),
            ticktime=ticktime if isinstance(ticktime, int) else None,
            kernel={str(name): str(text) for name, text in said.get("kernel", ())},
            options=options,
            modules=modules,
            certified=frozenset(map(str, said["certified"])),
            unreadable=tuple((str(path), str(why)) for path, why in said["unreadable"]),
            accounts={str(host): str(mark) for host, mark in said.get("accounts", ())},
        )
