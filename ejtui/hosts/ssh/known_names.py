"""Hosts that ssh already knows by name, to be offered to somebody who is asked for one."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

_SETTING = re.compile(r"\s*(\w+)(?:\s*=\s*|\s+)(.*)")
_INCLUDED = 200
"""So many files are read before whatever includes them is taken for a mistake."""


@dataclass(frozen=True)
class KnownName:
    """A host as it can be typed, and where it is known from."""

    host: str
    source: str


def offers(common: Mapping[str, str]) -> tuple[KnownName, ...]:
    """The hosts that ssh's settings and known_hosts name, and this computer, each once.

    `ssh_config` and `known_hosts` in `common` stand for ssh's own files. What cannot be read
    offers nothing.
    """
    found = [
        *(KnownName(host, "ssh_config") for file in _settings(common) for host in _hosts(file)),
        *(KnownName(host, "known_hosts") for file in _known(common) for host in _known_in(file)),
        KnownName("local", "this computer"),
    ]
    first = {offer.host: offer for offer in reversed(found)}
    return tuple(offer for offer in found if first[offer.host] is offer)


def _settings(common: Mapping[str, str]) -> Iterator[Path]:
    given = common.get("ssh_config")
    roots = [given] if given else ["~/.ssh/config", "/etc/ssh/ssh_config"]
    seen: set[Path] = set()
    for root in roots:
        path = Path(root).expanduser()
        base = Path("/etc/ssh") if path.is_relative_to("/etc") else Path("~/.ssh").expanduser()
        yield from _with_included(path, base, seen)


def _with_included(path: Path, base: Path, seen: set[Path]) -> Iterator[Path]:
    if path in seen or len(seen) >= _INCLUDED:
        return
    seen.add(path)
    yield path
    for key, values in _lines(path):
        if key == "include":
            for value in values:
                pattern = base / Path(value).expanduser()
                for included in _matching(pattern):
                    yield from _with_included(included, base, seen)


def _matching(pattern: Path) -> list[Path]:
    try:
        return sorted(Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor))))
    except (OSError, ValueError):
        return []


def _hosts(path: Path) -> list[str]:
    """The names on the file's Host and Match lines, patterns left out."""
    named = []
    for key, values in _lines(path):
        if key == "host":
            named += values
        elif key == "match":
            named += _matched(values)
    return [name for name in named if name and not set("*?!") & set(name)]


def _matched(conditions: Sequence[str]) -> list[str]:
    """The names that a Match line is for: those it excludes are as good as patterns."""
    named = []
    for what, value in pairwise(conditions):
        if what.lower() in ("host", "originalhost"):
            named += value.split(",")
    return named


def _lines(path: Path) -> Iterator[tuple[str, list[str]]]:
    for line in _text(path).splitlines():
        found = _SETTING.fullmatch(line)
        if found:
            try:
                values = shlex.split(found[2], comments=True)
            except ValueError:
                values = found[2].split()
            yield found[1].lower(), values


def _known(common: Mapping[str, str]) -> list[Path]:
    given = common.get("known_hosts")
    files = [given] if given else ["~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts"]
    return [Path(file).expanduser() for file in files]


def _known_in(path: Path) -> list[str]:
    """The first name of each line; none of lines with a hashed name, a pattern or a mark."""
    found = []
    for line in _text(path).splitlines():
        name = (line.split() or [""])[0].split(",")[0]
        if name and not name.startswith(("#", "@", "|")) and not set("*?!") & set(name):
            bracketed = re.fullmatch(r"\[([^\]:]+)\](:\d+)", name)
            found.append(bracketed[1] + bracketed[2] if bracketed else name)
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
