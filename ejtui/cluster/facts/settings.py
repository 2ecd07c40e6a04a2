"""What a running ejabberd has loaded of its ejabberd.yml."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

UNKNOWN = "none"
"""Stands for a pattern that cannot be compared with any."""

NODE = ""
"""Stands in place of a virtual host for an option of the whole node."""


@dataclass(frozen=True)
class Setting:
    """One value: its digest, and as text where it can hold no secret, else "".

    Rules have a line each. `parts` are the settings in it, where each has a name. Of a value with
    a pattern whose source is not known, `shape` is the digest of the rest, and `engine` stands for
    what such patterns are comparable by; UNKNOWN where by nothing. `effect` is the digest of access
    rules or limits with what they name written out, "" where it is none or not known.
    """

    digest: str
    text: str = ""
    parts: Mapping[str, Setting] = field(default_factory=dict)
    shape: str = ""
    engine: str = ""
    effect: str = ""

    def same(self, other: Setting) -> bool:
        """Whether both are known to be the same, or to have the same effect."""
        if self.effect and self.effect == other.effect:
            return True
        return self.digest == other.digest and self.engine != UNKNOWN

    def incomparable(self, other: Setting) -> bool:
        """Whether that is not known, because of a pattern that the two hold in different ways."""
        if not (self.shape or other.shape) or self.same(other):
            return False
        if self.shape and other.shape and self.shape != other.shape:
            return False
        return self.engine != other.engine or self.engine == UNKNOWN

    @classmethod
    def from_probe(cls, digest: object, text: object, parts: Sequence[Any] = ()) -> Setting:
        """From what the probe gives of one value."""
        named = {str(name): cls.from_probe(mark, shown) for name, mark, shown in parts}
        whole, _, rest = str(digest).partition(" ")
        shape, _, engine = rest.partition(" ")
        return cls(whole, str(text), named, shape, engine)


@dataclass(frozen=True)
class Administration:
    """How two nodes' settings differ: how many stop a join, and every difference as a line.

    `marks` stand for the differences with their whole values, of which a line shows a part.
    `uncompared`: nothing could be compared, and a person agreed to a join all the same. `refused`
    is the line about a file of second's that ejabberd does not take, "" for none, and
    `firsts_refused` the same of first's.
    """

    serious: int = 0
    lines: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    uncompared: bool = False
    refused: str = ""
    firsts_refused: str = ""

    @property
    def count(self) -> int:
        return len(self.lines)

    def undecided(self, decided: Collection[str]) -> tuple[str, ...]:
        """The lines about which the operator has not decided, by the marks of those that are."""
        pairs = zip(self.lines, self.marks, strict=True)
        return tuple(line for line, mark in pairs if mark not in decided)


UNCOMPARED = Administration(uncompared=True)


def digest(*values: str) -> str:
    """What stands for a difference among those that the operator has decided about."""
    return hashlib.sha256("\0".join(values).encode("utf-8", "surrogateescape")).hexdigest()


Options = Mapping[str, Setting]


@dataclass(frozen=True)
class NodeSettings:
    """Both kinds of options by virtual host; not `asked` where ejabberd does not answer.

    `ticktime` is in seconds, None where it is not known. `kernel` are other settings of Erlang's
    kernel that have to agree, as text. `certified` are the hosts that a
    loaded certificate is valid for. `unreadable` are the certificate files that the service user
    cannot read: (path, why). `accounts` has for each host with accounts in SQL the digest of all
    their names, where they are few enough to be listed.

    With `in_file` they are what its file has, which a start loads, and are asked of ejabberd's own
    reader; `refused` is a file that the reader does not take, `why` its reason, without secrets, ""
    where that is not known. `unloaded` is the file of a node that
    runs, where it may have changed since it was loaded; not `asked` where it could not be read.
    `changed` are then the options that the file sets in another way, with the virtual host, and
    `edition` is the digest of what it sets there.
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
    in_file: bool = False
    refused: bool = False
    why: str = ""
    unloaded: NodeSettings | None = None
    changed: tuple[tuple[str, str], ...] = ()
    edition: str = ""

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
        effects = {
            (str(host), str(name)): str(effect) for host, name, effect in said.get("effects", ())
        }
        options: dict[str, dict[str, Setting]] = {}
        for host, name, *value in said["options"]:
            setting = _setting(value, effects, str(host), str(name))
            options.setdefault(str(host), {})[str(name)] = setting
        modules: dict[str, dict[str, Options]] = {}
        for host, module, values in said["modules"]:
            modules.setdefault(str(host), {})[str(module)] = {
                str(name): _setting(value, effects, str(host), f"{module}.{name}")
                for name, *value in values
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
            changed=tuple((str(name), str(host)) for host, name in said.get("unloaded", ())),
            edition=str(said.get("edition", "")),
        )


def _setting(
    value: Sequence[Any], effects: Mapping[tuple[str, str], str], host: str, name: str
) -> Setting:
    return replace(Setting.from_probe(*value), effect=effects.get((host, name), ""))
