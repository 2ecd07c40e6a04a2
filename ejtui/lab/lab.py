"""The lab: up, down, reset, status, and a command inside a host."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ejtui.lab import needs, people
from ejtui.lab.errors import LabError
from ejtui.lab.forms.choice import all_forms, choose, form_of, why_not_namespaces
from ejtui.lab.forms.form import Form
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

    def enter(self, host: str, argv: Sequence[str], *, service: bool = False) -> list[str]:
        """The argv that runs `argv` inside a host, as root or as the service's user.

        Raises LabError when the host is not there.
        """
        return self.form.enter(host, argv, service=service)

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
        command = self.enter(host, argv, service=service)
        return run(command, stdin=stdin, timeout=timeout, check=check)

    def reset(self, say: Say = _silent) -> None:
        """Make two hosts that are not joined, whatever state they are in now. Raises LabError."""
        with self.place.locked():
            _bring_up(self.place, self.form, say)

    def down(self) -> None:
        """Leave nothing of the lab behind. Raises LabError."""
        down(self.place)

    def describe(self) -> list[str]:
        """The lab in lines for a person: what there is, how to reach it, what it cannot show."""
        reach, pages = self.form.reach(), self.form.admin_pages()
        lines = [f"the lab is up: {self.form.name}"]
        for host in HOSTS:
            accounts = people.people(host)
            count = f"{len(accounts)} account{'s' if len(accounts) > 1 else ''}"
            lines += [
                f"  {host:<8}{self.form.node(host)}, made with {count} on {people.DOMAIN}",
                f"          {reach[host]}",
                f"          {pages[host]}   as {accounts[0].user}@{people.DOMAIN}",
            ]
        lines += [
            f"  every account's password is in {self.place.password_file}",
            f"  ejtui --config {self.config_path}",
        ]
        if self.form.shortcomings:
            lines.append("  this form cannot show:")
            lines += [f"    - {line}" for line in self.form.shortcomings]
        return lines


def up(
    yes: bool = False,
    say: Say = _silent,
    *,
    place: Place | None = None,
    form: Callable[[Place], Form] = choose,
) -> Lab:
    """Bring the lab up, unless it is.

    `yes` installs missing packages without asking; `form` chooses how the hosts are made when
    there are none yet. Raises LabError.
    """
    place = place or Place()
    with place.locked():
        found = _current(place)
        if found:
            return found
        chosen = form(place)
        needs.ensure(chosen.needs_namespaces, yes, say)
        return _bring_up(place, chosen, say)


def reset(say: Say = _silent, *, place: Place | None = None) -> Lab:
    """Make two hosts that are not joined, whatever state they are in now. Raises LabError."""
    place = place or Place()
    with place.locked():
        form = form_of(place)
        if form is None:
            raise LabError("there is no lab to reset: bring it up with `ejtui lab up`")
        return _bring_up(place, form, say)


def down(place: Place | None = None) -> None:
    """Leave no process, mount, namespace, link or file of the lab behind. Raises LabError.

    What there is is found by looking for it, not in a file: a lab of which the maker was killed
    goes too.
    """
    place = place or Place()
    with place.locked():
        for form in all_forms(place):
            form.end()
        place.remove()


def current(place: Place | None = None) -> Lab | None:
    """The lab when it is up."""
    return _current(place or Place())


def status(place: Place | None = None) -> list[str]:
    """What there is, in lines for a person."""
    found = current(place)
    if found:
        return found.describe()
    why = why_not_namespaces()
    form = "two separate hosts" if why is None else f"two ejabberds side by side ({why})"
    return ["the lab is down", f"  `ejtui lab up` would make {form}"]


def sh(host: str, argv: Sequence[str], place: Place | None = None) -> int:
    """Run a command inside a host, on this terminal; answers its exit code. Raises LabError.

    One word that holds several is a line for the shell, as ssh has it.
    """
    if host not in HOSTS:
        raise LabError(f"there is no host {host}: it should be one of {', '.join(HOSTS)}")
    found = current(place)
    if found is None:
        raise LabError("the lab is down: bring it up with `ejtui lab up`")
    return subprocess.run(found.enter(host, shell_words(argv)), check=False).returncode


def shell_words(argv: Sequence[str]) -> list[str]:
    """What is run for these words: a shell for none, and for a line of one. Pure."""
    if len(argv) == 1 and " " in argv[0].strip():
        return ["sh", "-c", argv[0]]
    return list(argv) or ["sh"]


def _current(place: Place) -> Lab | None:
    form = form_of(place)
    if form and place.read_state().get("ready") and form.is_up():
        return Lab(place, form)
    return None


def _bring_up(place: Place, form: Form, say: Say) -> Lab:
    kept = {key: value for key, value in place.read_state().items() if key != "ready"}
    place.write_state(kept | {"form": form.name})
    form.end()
    say("making two hosts")
    form.boot()
    start_ejabberds(place, form, say)
    place.write_state(place.read_state() | {"ready": True})
    return Lab(place, form)
