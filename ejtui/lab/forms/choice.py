"""Which form of the lab this computer allows."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence

from ejtui import scripts
from ejtui.lab.errors import LabError
from ejtui.lab.forms.form import Form
from ejtui.lab.forms.namespaces import NAMESPACES, USER_NAMESPACE, Namespaces, Rootless
from ejtui.lab.forms.sidebyside import SideBySide
from ejtui.lab.place import Place
from ejtui.lab.processes import run

_FORMS = (Namespaces, Rootless, SideBySide)

_TRIAL = scripts.shell(__file__, "trial.sh")


def why_not_namespaces() -> str | None:
    """Why two separate hosts are not possible here; None when they are."""
    reasons = [_why_not(form) for form in (Namespaces, Rootless)]
    if None in reasons:
        return None
    return "; ".join(reason for reason in reasons if reason)


def all_forms(place: Place) -> tuple[Form, ...]:
    """Every form, for taking down whatever there is."""
    return tuple(form(place) for form in _FORMS)


def form_of(place: Place) -> Form | None:
    """The form that the lab at `place` was made in; None where there is none."""
    name = place.read_state().get("form")
    return next((form for form in all_forms(place) if form.name == name), None)


def choose(place: Place) -> Form:
    """The fullest form that this computer allows."""
    for form in (Namespaces, Rootless):
        if _why_not(form) is None:
            return form(place)
    return SideBySide(place)


def _why_not(form: type[Namespaces]) -> str | None:
    if not sys.platform.startswith("linux"):
        return "namespaces need Linux"
    if not all(shutil.which(tool) for tool in ("unshare", "nsenter", "setsid")):
        return "unshare, nsenter and setsid (util-linux) are not installed"
    if form is Namespaces:
        if os.geteuid() != 0:
            return "namespaces without a user namespace need root"
        return _tried([])
    if not shutil.which("newuidmap"):
        return "user namespaces with more than one user need newuidmap (uidmap)"
    return _tried(["unshare", *USER_NAMESPACE])


def _tried(outside: Sequence[str]) -> str | None:
    """Why the trial fails; None when it does not."""
    kind = "user namespaces" if outside else "namespaces"
    try:
        trial = [*outside, "unshare", *NAMESPACES, "sh", "-eu", "-c", _TRIAL]
        done = run(trial, timeout=20, check=False)
    except LabError as error:
        return f"{kind} cannot be tried here: {error}"
    if done.returncode == 0:
        return None
    output = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason was given"]
    return f"{kind} are forbidden here: {output[0]}"
