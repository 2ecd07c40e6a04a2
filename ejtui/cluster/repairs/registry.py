"""Every repair by the code of its finding, and what to do where a code has none."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from functools import cache

from ejtui import discovery
from ejtui.cluster.diagnosis.catalogue import CATALOGUE
from ejtui.cluster.repairs.repair import Repair

_REPAIRS = "ejtui.cluster.repairs"
_SHARED = f"{_REPAIRS}.tools."  # bases of several repairs, which are none themselves


def _found() -> Iterator[tuple[str, Repair]]:
    found = discovery.modules_below(_REPAIRS)
    for module in (each for each in found if not each.__name__.startswith(_SHARED)):
        for kind in vars(module).values():
            here = inspect.isclass(kind) and kind.__module__ == module.__name__
            if here and issubclass(kind, Repair) and not inspect.isabstract(kind):
                repair = kind()
                yield from ((code, repair) for code in repair.codes)


@cache
def repairs() -> Mapping[str, Repair]:
    """The repair of each code that has one, in the order of the catalogue.

    Raises ValueError for a code with two repairs or a code that is not declared.
    """
    found: dict[str, Repair] = {}
    for code, repair in _found():
        if code in found:
            raise ValueError(f"{code} has two repairs: {found[code]}, {repair}")
        found[code] = repair
    order = list(CATALOGUE)
    return dict(sorted(found.items(), key=lambda item: order.index(item[0])))


def why_none(code: str) -> str:
    """Why a finding of this code has no repair, and what to do; "" when it has one."""
    if code in repairs():
        return ""
    declared = CATALOGUE.get(code)
    return declared.instead if declared else "there is no repair for it"
