"""Bringing up ejabberd on the hosts: seeded for real once, from an archive of that afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ejtui.lab.forms.form import Form
from ejtui.lab.place import HOSTS, Place
from ejtui.lab.processes import run

_SECONDS = 90.0

_NEXT_SECOND = 'while [ "$(stat -c %Z "$1")" = "$(date +%s)" ]; do sleep 0.05; done'
"""A file of the second in which a VM starts may be newer than what ejabberd has loaded of it, and
would be read again at each question. No host boots so fast; one that was just made here does."""


def start_ejabberds(place: Place, form: Form, say: Callable[[str], None]) -> None:
    """Start both, each with its accounts; returns when both serve them.

    Raises LabError when one does not come up.
    """
    if not all(place.seeded(host).exists() for host in HOSTS):
        say("seeding the accounts")
        _each(lambda host: _seed(place, form, host))
    say("starting ejabberd on both hosts")
    _each(lambda host: _restore(place, form, host))
    _each(lambda host: _start(form, host))


def _each(work: Callable[[str], None]) -> None:
    with ThreadPoolExecutor() as pool:
        list(pool.map(work, HOSTS))


def _seed(place: Place, form: Form, host: str) -> None:
    """Let a new ejabberd make its own database, give it its accounts, and archive it closed."""
    run(form.enter(host, form.starting(host)), timeout=_SECONDS)
    _ask(form, host, "seed")
    archive = run(
        form.enter(host, ["tar", "-c", "-C", form.home(host), "--exclude=./.erlang.cookie", "."])
    ).stdout
    wipe = 'find "$1" -mindepth 1 ! -name .erlang.cookie -delete'
    run(form.enter(host, ["sh", "-c", wipe, "sh", form.home(host)]))
    _keep(place.seeded(host), archive)


def _keep(path: Path, archive: bytes) -> None:
    temporary = path.with_suffix(".new")
    temporary.touch(mode=0o600)
    temporary.write_bytes(archive)
    temporary.rename(path)


def _restore(place: Place, form: Form, host: str) -> None:
    unpack = ["tar", "-x", "-p", "-C", form.home(host)]
    run(form.enter(host, unpack), stdin=place.seeded(host).read_bytes())


def _start(form: Form, host: str) -> None:
    made = f"{form.seeding(host)}/accounts"
    run(form.enter(host, ["sh", "-c", _NEXT_SECOND, "sh", made]), timeout=_SECONDS)
    run(form.enter(host, form.starting(host)), timeout=_SECONDS)
    _ask(form, host, "wait")


def _ask(form: Form, host: str, what: str) -> None:
    """Run the seeding's program in a hidden node beside the host's ejabberd."""
    node = form.node(host)
    directory = form.seeding(host)
    own = re.sub(r"^[^@]*", f"seeding_{host}", node)
    argv = [
        "erl", "-noinput", "-hidden", "-sname", own, "+S", "1", "+sbwt", "none",
        "-eval", f'file:eval("{directory}/seed.eval").',
        "-extra", node, what, f"{directory}/accounts",
    ]  # fmt: skip
    run(form.enter(host, argv, service=True), timeout=_SECONDS)
