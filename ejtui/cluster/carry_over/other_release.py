"""Options that second's ejabberd, of another release than first's, does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ejtui import scripts
from ejtui.cluster.administration.document import Scalar, Value
from ejtui.cluster.administration.written import APPEND, FILE_ONLY, HOST, Written
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError

if TYPE_CHECKING:
    from ejtui.cluster.pair.pair import Pair

_PROGRAM = scripts.erlang(__file__, "known_options.eval")
_PLAIN = re.compile(r"[a-z][a-z0-9_]{0,63}")
"""How ejabberd writes the names of its options and modules; a key or a token has other characters.
"""


async def unknown_options(pair: Pair, before: Written, after: Written) -> tuple[str, ...]:
    """What the new file sets beside the former one and second does not know, by name.

    None where both have one release, or nobody can be asked: ejabberd's own reader still checks
    the file before it replaces the former one.
    """
    names = sorted({*_names(after)} - {*_names(before)})
    if not names or _one_release(pair):
        return ()
    line = pair.second.platform.erl_line
    try:
        unknown = await questions.unknown_options(pair.second.probe, line, _PROGRAM, names)
    except ProbeError:
        return ()
    return tuple(each.partition(":")[2].replace(":", ".") for each in unknown)


def _one_release(pair: Pair) -> bool:
    return pair.facts.first.ejabberd_version == pair.facts.second.ejabberd_version


def blamed(options: Sequence[str], unknown: Sequence[str]) -> Mapping[str, str]:
    """Which of these options bring what is not known: the option, and the name."""
    return {
        option: name
        for option in options
        for name in unknown
        if name == option or name.startswith(f"{option}.") or option.startswith(f"{name}.")
    }


def why_unknown(pair: Pair, name: str) -> str:
    """Why what has that name is not written."""
    first, second = pair.facts.first, pair.facts.second
    return (
        f"ejabberd {second.ejabberd_version} on second does not know {name} (first has "
        f"{first.ejabberd_version})"
    )


def _names(written: Written) -> Iterator[str]:
    for name in written.options:
        if name in (HOST, APPEND):
            hosts = written.value((name,))
            for each in hosts.values() if isinstance(hosts, dict) else ():
                yield from _of(each)
        elif name not in FILE_ONLY:
            value = written.value((name,))
            yield from _of({Scalar(name): value} if value is not None else {})


def _of(options: Value) -> Iterator[str]:
    """Each option, module and option of a module; names that no release can have are left out.

    No value is among them, and no name that may be a key or a token itself: they go to a program as
    its arguments.
    """
    for key, value in options.items() if isinstance(options, dict) else ():
        if key.text != "modules":
            yield from _plain("option", key.text)
            continue
        for module, inner in value.items() if isinstance(value, dict) else ():
            yield from _plain("module", module.text)
            for option in inner if isinstance(inner, dict) else ():
                yield from _plain("module", module.text, option.text)


def _plain(kind: str, *names: str) -> Iterator[str]:
    if all(map(_PLAIN.fullmatch, names)):
        yield ":".join((kind, *names))
