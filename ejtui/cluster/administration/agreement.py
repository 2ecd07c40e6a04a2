"""What of the settings of two nodes is compared and the same. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.cluster.administration import meanings
from ejtui.cluster.administration.compare import NOT_SHOWN, one_line, shared
from ejtui.cluster.administration.difference import Difference
from ejtui.cluster.administration.meanings import Meaning
from ejtui.cluster.facts.settings import NODE, NodeSettings, Options, Setting

_SAME = "it is the same on both nodes"


def agreements(first: NodeSettings, second: NodeSettings) -> tuple[Difference, ...]:
    """Each option that is the same on both, with its value; nothing where one was not asked.

    A module stands for those of its options that are the same.
    """
    if not (first.asked and second.asked):
        return ()
    return (*_hosts(first, second), *_options(first, second), *_modules(first, second),
            *_kernel(first, second))  # fmt: skip


def _same(option: str, host: str, value: str, code: str) -> Difference:
    return Difference(option, host, value, value, Meaning(code, _SAME))


def _hosts(first: NodeSettings, second: NodeSettings) -> Iterator[Difference]:
    for host in shared(first, second):
        yield _same("hosts", host, "served", meanings.HOSTS)


def _options(first: NodeSettings, second: NodeSettings) -> Iterator[Difference]:
    for host in (NODE, *shared(first, second)):
        here, there = first.options.get(host, {}), second.options.get(host, {})
        for name, meaning in meanings.OPTIONS.items():
            if name in _alike(here, there):
                yield _same(name, host, _text(here[name]), meaning.code)


def _text(setting: Setting) -> str:
    """The value; of several rules how many there are."""
    lines = setting.text.split("\n")
    if len(lines) > 1:
        return f"{len(lines)} rules alike"
    return one_line(lines) if setting.text else NOT_SHOWN


def _modules(first: NodeSettings, second: NodeSettings) -> Iterator[Difference]:
    for host in shared(first, second):
        here, there = first.modules.get(host, {}), second.modules.get(host, {})
        for module in sorted(here.keys() & there.keys()):
            count = len(_alike(here[module], there[module]))
            options = f", {count} option{'' if count == 1 else 's'} alike" if count else ""
            yield _same(module, host, f"runs{options}", meanings.MODULES)


def _kernel(first: NodeSettings, second: NodeSettings) -> Iterator[Difference]:
    if first.ticktime is not None and first.ticktime == second.ticktime:
        yield _same("net_ticktime", NODE, f"{first.ticktime} s", meanings.TICKTIME)
    for name in sorted(first.kernel.keys() & second.kernel.keys()):
        if first.kernel[name] == second.kernel[name]:
            yield _same(name, NODE, first.kernel[name], meanings.TICKTIME)


def _alike(here: Options, there: Options) -> set[str]:
    return {name for name in here.keys() & there.keys() if here[name].same(there[name])}
