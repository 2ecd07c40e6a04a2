"""The lab: up, down, reset, status, and a command inside a host."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ejtui.lab.errors import LabError
from ejtui.lab.form import Form
from ejtui.lab.namespaces import Namespaces
from ejtui.lab.place import HOSTS, Place
from ejtui.lab.processes import run
from ejtui.lab.seeding import start_ejabberds

Say = Callable[[str], None]


def _silent(_: str) -> None:
    """For callers who want no progress."""


@dataclass(frozen=True)
class Lab:
    """A lab that is up."""

    place: Place
    form: Form

    @property
    def config_path(self) -> Path:
        """The configuration that ejtui joins the lab's hosts with."""
        return self.place.config

    def run(
        self,
        host: str,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        timeout: float = 60.0,
        check: bool = True,
        service: bool = False,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run inside a host as root (or the service's user), output captured.

        Raises LabError for a failure when `check`, for one that takes longer than `timeout`
        seconds, and when the host is not there.
        """
        return run(
            self.form.enter(host, argv, service=service),
            stdin=stdin,
            timeout=timeout,
            check=check,
        )


def up(yes: bool = False, say: Say = _silent) -> Lab:
    """Bring the lab up, unless it is; `yes` installs missing packages without asking.

    Raises LabError.
    """
    place = Place()
    with place.locked():
        form = _form(place)
        if place.read_state().get("ready") and form.is_up():
            return Lab(place, form)
        return _bring_up(place, form, say)


def reset(say: Say = _silent) -> Lab:
    """Bring back two hosts that are not joined, whatever state they are in. Raises LabError."""
    place = Place()
    with place.locked():
        return _bring_up(place, _form(place), say)


def down() -> None:
    """Leave no process, mount, namespace, link or file of the lab behind. Raises LabError."""
    place = Place()
    if not place.root.exists():
        return
    with place.locked():
        _form(place).end()
        place.remove()


def current() -> Lab | None:
    """The lab when it is up."""
    place = Place()
    if not place.read_state().get("ready"):
        return None
    form = _form(place)
    return Lab(place, form) if form.is_up() else None


def status() -> list[str]:
    """What there is, in lines for a person."""
    lab = current()
    if lab is None:
        return ["the lab is down"]
    lines = [f"the lab is up ({lab.form.name})"]
    for host in HOSTS:
        lines += [f"  {host}: {lab.form.node(host)}", f"    {lab.form.reach()[host]}"]
    return lines


def sh(host: str, argv: Sequence[str]) -> int:
    """Run a command inside a host, on this terminal; answers its exit code. Raises LabError."""
    if host not in HOSTS:
        raise LabError(f"there is no host {host}: it should be one of {', '.join(HOSTS)}")
    lab = current()
    if lab is None:
        raise LabError("the lab is down: bring it up with `ejtui lab up`")
    return subprocess.run(lab.form.enter(host, argv or ["sh"]), check=False).returncode


def _bring_up(place: Place, form: Form, say: Say) -> Lab:
    state = place.read_state()
    place.write_state({key: value for key, value in state.items() if key != "ready"})
    form.end()
    say("making two hosts")
    form.boot()
    start_ejabberds(place, form, say)
    place.write_state(place.read_state() | {"ready": True})
    return Lab(place, form)


def _form(place: Place) -> Form:
    return Namespaces(place)
