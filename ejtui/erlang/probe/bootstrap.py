"""How the probe comes to life on a host: the command line, the environment, what is sent."""

from __future__ import annotations

from functools import cache
from importlib import resources

from ejtui import scripts
from ejtui.erlang.shell.erl import erl_env
from ejtui.erlang.terms.etf import Atom
from ejtui.erlang.terms.names import NodeName
from ejtui.platforms import Platform

LEASE_SECONDS = 120.0
"""A probe that was asked nothing for so long has lost its line, and ends."""

BOOTSTRAP = scripts.erlang(__file__, "bootstrap.eval")

_START_SETTINGS = scripts.shell(__file__, "start_settings.sh")


def argv(platform: Platform) -> tuple[str, ...]:
    """Quiet, small, hidden, listening nowhere, and without reading or making a cookie."""
    return (
        *platform.erl_line,
        *("-noshell", "-hidden", "-dist_listen", "false", "-nocookie"),
        *("+S", "2:2", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none"),
        *("-kernel", "net_setuptime", "3"),
        *platform.dist_options,
        *("-eval", BOOTSTRAP),
    )


def env(platform: Platform) -> dict[str, str]:
    """Ejabberd's own, without crash dumps: the probe leaves no file."""
    return {**erl_env(platform), "ERL_CRASH_DUMP": "/dev/null", "ERL_CRASH_DUMP_SECONDS": "0"}


def settings(platform: Platform, role: str) -> dict[Atom, object]:
    """What the probe knows of its host from the start. Raises BadNodeName."""
    name = NodeName.parse(platform.node)
    return {
        Atom("node"): Atom(str(name)),
        Atom("name_style"): Atom("shortnames" if name.style == "short" else "longnames"),
        Atom("role"): role,
        Atom("home"): platform.home,
        Atom("spool_dir"): platform.spool_dir,
        Atom("ejabberdctl"): platform.ejabberdctl,
        Atom("ejabberdctl_cfg"): platform.ejabberdctl_cfg,
        Atom("config_dir"): platform.config_dir,
        Atom("unit"): platform.unit or "ejabberd.service",
        Atom("start_settings"): _START_SETTINGS,
        Atom("lease_ms"): int(LEASE_SECONDS * 1000),
    }


@cache
def sources() -> tuple[bytes, ...]:
    """The probe's Erlang modules."""
    folder = resources.files(__package__).joinpath("source")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return tuple(file.read_bytes() for file in files if file.name.endswith(".erl"))
