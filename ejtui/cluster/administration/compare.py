"""Where the settings of two nodes differ in what matters to a cluster. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ejtui.cluster.administration import difference, meanings
from ejtui.cluster.administration.difference import Difference
from ejtui.cluster.administration.meanings import Meaning
from ejtui.cluster.administration.secrecy import concealed
from ejtui.cluster.facts.settings import (
    NODE,
    Administration,
    NodeSettings,
    Options,
    Setting,
)

NOT_SHOWN, ANOTHER = "a value that is not shown", "another"
ABSENT, UNSET = "not there", "not set"
PATTERN = "a pattern"
INCOMPARABLE = "one that cannot be compared with it: `ejtui config --take` takes first's"
NOT_LOADED = "in its file, not loaded yet"
FILE_AS_FIRST = "its file has what first has, not loaded yet"

_NOTHING = "[]"
"""The text of a list without anything in it."""

_MOST_PARTS = 6
"""So many settings in one option are named."""

SHOWN = 120
"""So many characters of one rule are shown."""


def compare(
    first: NodeSettings, second: NodeSettings, *, one_release: bool = True
) -> tuple[Difference, ...]:
    """What differs; nothing where one node could not be asked.

    The format of passwords comes first, because nothing undoes a conversion; then what stops a
    join.

    Options are compared for the virtual hosts that both serve. Some, as those of modules beside
    where their data is, are compared in `one_release` alone: each release has its own defaults.

    What second's file has and second has not loaded counts like what it has loaded. Of a second
    that is stopped, a file that ejabberd's own reader refuses is all that is known. What first's
    file has and first has not loaded is one difference: first has it after a restart.
    """
    if first.asked and second.refused:
        return (*difference.of_first(first), difference.of_second(second, first))
    if not (first.asked and second.asked):
        return ()
    found = _found(first, second)
    if second.unloaded is not None:
        found = _with_unloaded(found, first, second.unloaded)
    if not one_release:
        found = [each for each in found if not each.meaning.of_one_release]
    return tuple(sorted((*difference.of_first(first), *found), key=_rank))


def _with_unloaded(
    found: list[Difference], first: NodeSettings, file: NodeSettings
) -> list[Difference]:
    """With what second's file adds; one option of a host is one difference."""
    if file.refused or not file.asked:
        return [*found, difference.of_second(file, first)]
    known = {(each.option, each.host): each for each in found}
    found_in_file = _found(first, file)
    for each in found_in_file:
        key = each.option, each.host
        here = known.get(key)
        if here is None:
            known[key] = replace(each, second=f"{each.second} ({NOT_LOADED})")
        elif here.mark != each.mark:
            serious = here.meaning if here.meaning.serious else each.meaning
            known[key] = replace(
                here,
                second=f"{here.second}; {each.second} ({NOT_LOADED})",
                meaning=serious,
                values=(here.mark, each.mark),
            )
    apart = {(each.option, each.host) for each in found_in_file}
    for key in known.keys() - apart:
        if _is_changed(file, key[0]):
            known[key] = replace(known[key], second=f"{known[key].second} ({FILE_AS_FIRST})")
    return list(known.values())


def _is_changed(file: NodeSettings, option: str) -> bool:
    """Whether the file sets the option, or a module's, in another way than it is loaded."""
    return any(option in (name, name.partition(".")[0]) for name, _ in file.changed)


def _found(first: NodeSettings, second: NodeSettings) -> list[Difference]:
    return [
        *_hosts(first, second),
        *_options(first, second),
        *_modules(first, second),
        *_ticktime(first, second),
        *_kernel(first, second),
        *_certificates(first, second),
    ]


def _rank(found: Difference) -> tuple[bool, bool]:
    return found.meaning.code != meanings.PASSWORDS, not found.meaning.serious


def summary(differences: Sequence[Difference]) -> Administration:
    """The differences as a fact of the pair. Pure."""
    serious = sum(each.meaning.serious for each in differences)
    lines = [each for each in differences if each.meaning.code == meanings.REFUSED]
    return Administration(
        serious,
        tuple(each.line for each in differences),
        tuple(each.mark for each in differences),
        refused="; ".join(each.line for each in lines if each.node == "second"),
        firsts_refused="; ".join(each.line for each in lines if each.node == "first"),
    )


def _hosts(first: NodeSettings, second: NodeSettings) -> Iterator[Difference]:
    for host in first.hosts:
        if host not in second.hosts:
            text = (
                f"no account of {host} can log in on second; what else differs for {host} is "
                "compared once second serves it"
            )
            meaning = Meaning(meanings.HOSTS, text, serious=host != "localhost")
            yield Difference("hosts", host, "served", "not served", meaning)


def shared(first: NodeSettings, second: NodeSettings) -> list[str]:
    """The virtual hosts that both serve."""
    return [host for host in first.hosts if host in second.hosts]


def _options(first: NodeSettings, second: NodeSettings) -> Iterator[Difference]:
    for host in (NODE, *shared(first, second)):
        here, there = first.options.get(host, {}), second.options.get(host, {})
        for name, meaning in meanings.OPTIONS.items():
            if _differ(here, there, name):
                meant = _of_methods(here[name], there[name], meaning)
                meant = meant if name == meanings.AUTH_METHOD else meaning
                yield _difference(name, host, here[name], there[name], meant)


def _of_methods(here: Setting, there: Setting, meaning: Meaning) -> Meaning:
    """What follows where second has the same methods of authentication, or more than first."""
    first, second = (sorted(each.text.split(", ")) for each in (here, there))
    if not here.text or not {*first} <= {*second}:
        return meaning
    return meanings.METHODS_IN_TURN if first == second else meanings.METHODS_MORE


def _modules(first: NodeSettings, second: NodeSettings) -> Iterator[Difference]:
    for host in shared(first, second):
        here, there = first.modules.get(host, {}), second.modules.get(host, {})
        for module in sorted({*here, *there}):
            if module not in there:
                yield Difference(module, host, "runs", ABSENT, meanings.MODULE)
            elif module not in here:
                yield Difference(module, host, ABSENT, "runs", meanings.MODULE_ALONE)
            else:
                yield from _of_module(module, host, here[module], there[module])


def _of_module(module: str, host: str, here: Options, there: Options) -> Iterator[Difference]:
    for name in sorted(here.keys() - meanings.OF_A_HOST):
        if _differ(here, there, name):
            stored = name in meanings.MODULE_STORAGE
            meaning = meanings.STORAGE if stored else meanings.MODULE_OPTION
            yield _difference(f"{module}.{name}", host, here[name], there[name], meaning)


def _differ(here: Options, there: Options, name: str) -> bool:
    """An option that one release does not have is no difference."""
    return name in here and name in there and not here[name].same(there[name])


def _difference(
    option: str, host: str, here: Setting, there: Setting, meaning: Meaning
) -> Difference:
    values = here.digest, there.digest
    if here.incomparable(there):
        return Difference(option, host, PATTERN, INCOMPARABLE, meaning, values)
    if here.text and there.text:
        one, other = (_shown(option, each.text) for each in (here, there))
        first, second = _apart(one, other), _apart(other, one)
        if first != second:
            return Difference(option, host, first, second, meaning, values)
    if all(each.parts or each.text == _NOTHING for each in (here, there)):
        first, second = _parts(option, here.parts, there.parts)
        if first:
            return Difference(option, host, first, second, meaning, values)
    return Difference(option, host, NOT_SHOWN, ANOTHER, meaning, values)


def _shown(option: str, text: str) -> str:
    """The lines of a value as they may be shown."""
    keys = option.split(".")
    return "\n".join(concealed(keys, line) for line in text.split("\n"))


def _parts(option: str, here: Options, there: Options) -> tuple[str, str]:
    """What differs of settings that have a name each, on first and on second.

    What both set comes first: where one sets nothing, its ejabberd may have the same by default.
    """
    both = [name for name in sorted(here.keys() & there.keys()) if _differ(here, there, name)]
    names = [*both, *sorted(here.keys() ^ there.keys())]
    sides = [
        (name, *_sides(f"{option}.{name}", here.get(name), there.get(name)))
        for name in names[:_MOST_PARTS]
    ]
    rest = len(names) - len(sides)
    more = [f"and {rest} more"] if rest else []
    first = one_line([*(f"{name}: {each}" for name, each, _ in sides), *more])
    return first, one_line([*(f"{name}: {each}" for name, _, each in sides), *more])


def _sides(name: str, here: Setting | None, there: Setting | None) -> tuple[str, str]:
    first, second = (_shown(name, each.text) if each else UNSET for each in (here, there))
    if here is None or there is None:
        return first or NOT_SHOWN, second or NOT_SHOWN
    if first and second and first != second:
        return first, second
    return NOT_SHOWN, ANOTHER


def _apart(text: str, other: str) -> str:
    """The lines of a value that the other one does not have; ABSENT for the name of its alone."""
    lines, others = text.split("\n"), other.split("\n")
    mine = [line for line in lines if line not in others]
    names = {line.partition(": ")[0] for line in lines}
    if len(lines) > 1 or len(others) > 1:
        lacking = (line.partition(": ")[0] for line in others if line not in lines)
        mine += [f"{name}: {ABSENT}" for name in lacking if name not in names]
    return one_line(mine or lines)


def one_line(lines: Sequence[str]) -> str:
    """These lines of a value as one text, none of them longer than is read at a glance."""
    return "; ".join(line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…" for line in lines)


def _ticktime(first: NodeSettings, second: NodeSettings) -> Iterator[Difference]:
    if None not in (first.ticktime, second.ticktime) and first.ticktime != second.ticktime:
        text = "the nodes take each other for dead at times, and the cluster falls apart"
        yield Difference(
            "net_ticktime",
            NODE,
            f"{first.ticktime} s",
            f"{second.ticktime} s",
            Meaning(meanings.TICKTIME, text, serious=True),
        )


def _kernel(first: NodeSettings, second: NodeSettings) -> Iterator[Difference]:
    """A setting that one release does not have is no difference."""
    for name in sorted(first.kernel.keys() & second.kernel.keys()):
        here, there = first.kernel[name], second.kernel[name]
        if here != there:
            yield Difference(name, NODE, here, there, meanings.KERNEL)


def _certificates(first: NodeSettings, second: NodeSettings) -> Iterator[Difference]:
    refused = Meaning(meanings.CERTIFICATES, "clients refuse second's TLS, or it offers none")
    for path, why in second.unreadable:
        yield Difference(f"certfiles {path}", NODE, "not compared", why, refused)
    if second.in_file:
        return  # What is valid for a host is known of certificates that are loaded.
    for host in shared(first, second):
        if host in first.certified and host not in second.certified:
            yield Difference("certificate", host, "there", "none that is valid for it", refused)
