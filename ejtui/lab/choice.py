"""Which form of the lab this machine allows."""

from __future__ import annotations

import os
import shutil
import sys

from ejtui.lab.errors import LabError
from ejtui.lab.form import Form
from ejtui.lab.namespaces import Namespaces
from ejtui.lab.place import Place
from ejtui.lab.processes import run
from ejtui.lab.sidebyside import SideBySide

_FORMS = (Namespaces, SideBySide)

# What the full form does to a host and could be forbidden to do, in namespaces that end at once.
_TRIAL = """
hostname trial
mount -t tmpfs tmpfs /tmp
mount -t devpts -o newinstance,gid=5 devpts /dev/pts
if command -v ip >/dev/null; then ip link add type veth; fi
chown 65533:65533 /tmp
"""


def why_not_namespaces() -> str | None:
    """Why the full form is not possible here; None when it is."""
    if not sys.platform.startswith("linux"):
        return "namespaces need Linux"
    if os.geteuid() != 0:
        return "an ordinary user may not make network links between namespaces"
    if not all(shutil.which(tool) for tool in ("unshare", "nsenter", "setsid")):
        return "unshare, nsenter and setsid (util-linux) are not installed"
    trial = ["unshare", "--net", "--uts", "--mount", "--ipc", "--pid", "--fork", "--mount-proc"]
    try:
        run([*trial, "sh", "-eu", "-c", _TRIAL], timeout=20)
    except LabError as error:
        return f"namespaces are forbidden here: {str(error).rpartition(': ')[2]}"
    return None


def all_forms(place: Place) -> tuple[Form, ...]:
    """Every form, for taking down whatever there is."""
    return tuple(form(place) for form in _FORMS)


def form_of(place: Place) -> Form | None:
    """The form that the lab at `place` was made in; None where there is none."""
    name = place.read_state().get("form")
    return next((form for form in all_forms(place) if form.name == name), None)


def choose(place: Place) -> Form:
    """The fullest form that this machine allows."""
    return SideBySide(place) if why_not_namespaces() else Namespaces(place)
