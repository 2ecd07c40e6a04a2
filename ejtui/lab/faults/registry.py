"""Every fault by its code: to list them, and to make one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ejtui.lab import lab as labs
from ejtui.lab.errors import LabError
from ejtui.lab.faults import (
    cookies,
    distribution,
    epmd,
    files,
    halfway,
    members,
    names,
    partition,
    schema,
    tables,
)
from ejtui.lab.faults.fault import Fault, Forms, Impossible
from ejtui.lab.faults.joined import ensure_joined, ensure_unjoined
from ejtui.lab.lab import Lab

_FAMILIES = (
    cookies, names, epmd, distribution, schema, tables, files, partition, members, halfway,
)  # fmt: skip

FAULTS: Mapping[str, Fault] = {fault.code: fault for family in _FAMILIES for fault in family.FAULTS}

IMPOSSIBLE: Mapping[str, Impossible] = {
    each.code: each
    for each in (
        Impossible(
            "already-running",
            "it is the answer to a second start, which changes nothing: no state to find",
        ),
        Impossible(
            "otp-distance",
            "it takes a second Erlang/OTP three releases away, and this machine has one",
        ),
        Impossible(
            "other-cluster",
            "it takes a third host that is a member with second, and the lab has two",
        ),
        Impossible(
            "version-differs",
            "it takes the packages of another ejabberd, and this machine has one",
        ),
    )
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
    raise LabError(f"there is no fault {code}: `ejtui lab fault` lists them")


def _why_not(fault: Fault, lab: Lab | None) -> str | None:
    if lab and fault.forms is Forms.OWN_HOSTS and not lab.form.needs_namespaces:
        return f"only {fault.forms.value}"
    return None
