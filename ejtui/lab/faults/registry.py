"""Every fault by its code: to list them, and to make one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ejtui import discovery
from ejtui.cluster.diagnosis.catalogue import CATALOGUE
from ejtui.config.checks import nearest
from ejtui.lab import lab as labs
from ejtui.lab.errors import LabError, NoSuchFault
from ejtui.lab.faults.fault import Fault, Forms, Impossible
from ejtui.lab.faults.joined import ensure_joined, ensure_unjoined
from ejtui.lab.lab import Lab


def _made() -> dict[str, Fault]:
    """What the modules of this package make; of a code in the catalogue each, one maker each."""
    families = (getattr(module, "FAULTS", None) for module in discovery.modules(__package__))
    found = [fault for family in families if isinstance(family, tuple) for fault in family]
    order = list(CATALOGUE)
    return {fault.code: fault for fault in sorted(found, key=lambda each: order.index(each.code))}


FAULTS: Mapping[str, Fault] = _made()
"""In the order of the catalogue."""

IMPOSSIBLE: Mapping[str, Impossible] = {
    each.code: Impossible(each.code, each.not_in_lab)
    for each in CATALOGUE.values()
    if each.not_in_lab
}


@dataclass(frozen=True)
class Row:
    """A code in the list: what is done, and why this lab cannot when it cannot."""

    code: str
    title: str
    why_not: str | None = None


def listing(lab: Lab | None = None) -> list[Row]:
    """Every code of the catalogue; with a lab, judged by what its form can do."""
    rows = [Row(fault.code, fault.title, _why_not(fault, lab)) for fault in FAULTS.values()]
    return rows + [Row(each.code, "", each.why) for each in IMPOSSIBLE.values()]


def make(
    code: str, *, lab: Lab | None = None, say: Callable[[str], None] = lambda _: None
) -> Fault:
    """Make a fault on the lab's nodes, bringing the pair to the state it needs first.

    `lab` is the current one when left out. Raises LabError: no such code, one that cannot be made
    here, no lab, a pair joined that must not be, or nodes too broken already.
    """
    fault = _fault(code)
    lab = lab or labs.current()
    if lab is None:
        raise LabError("the lab is down: bring it up with `ejtui lab up`")
    if reason := _why_not(fault, lab):
        raise LabError(f"{code} cannot be made here: {reason}")
    with lab.place.locked():
        if fault.needs_joined:
            ensure_joined(lab, say)
        elif fault.needs_joined is False:
            ensure_unjoined(lab)
        say(f"{code}: {fault.title}")
        fault.make(lab)
    return fault


def _fault(code: str) -> Fault:
    if code in FAULTS:
        return FAULTS[code]
    if code in IMPOSSIBLE:
        raise LabError(f"{code} cannot be made in a lab: {IMPOSSIBLE[code].why}")
    guess = nearest(code, tuple(FAULTS))
    raise NoSuchFault(f"there is no fault {code!r}{guess}; `ejtui lab fault` lists them")


def _why_not(fault: Fault, lab: Lab | None) -> str | None:
    if lab and fault.forms is Forms.OWN_HOSTS and not lab.form.needs_namespaces:
        return f"only {fault.forms.value}"
    return None
