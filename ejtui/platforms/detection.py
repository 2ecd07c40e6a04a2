"""The one question that a host answers about itself, in plain /bin/sh."""

from __future__ import annotations

import shlex

from ejtui import scripts
from ejtui.hosts import guard
from ejtui.hosts.programs import hiding
from ejtui.platforms.catalogue import PLACES, SERVICES

# What is believed of ejabberdctl and its configuration. The rest of ejabberdctl is not run.
_WANTED = (
    *("ERLANG_NODE", "ERL", "EPMD", "INSTALLUSER", "SPOOL_DIR", "SPOOLDIR", "LOGS_DIR"),
    *("CONFIG_DIR", "ETC_DIR", "ETCDIR", "EJABBERDCTL_CONFIG_PATH", "EJABBERD_CONFIG_PATH"),
    "HOME",
    *("ERL_INETRC", "ERL_LIBS", "ERL_EPMD_ADDRESS", "ERL_EPMD_PORT", "ERL_DIST_PORT"),
    "EJABBERD_MNESIA_SCHEMA",
    *("FIREWALL_WINDOW", "INET_DIST_INTERFACE", "ERLANG_OPTS", "ERL_OPTIONS", "VMARGS", "TERM"),
)

# Options of erl that ejabberdctl or erl itself takes as they are.
_PASSED = ("EJABBERD_OPTS", "ERL_AFLAGS", "ERL_FLAGS", "ERL_ZFLAGS")

# What the wanted ones are made of.
_NEEDED = (
    *("SCRIPT", "SCRIPT_DIR", "ROOTDIR", "ROOT_DIR", "BASEDIR", "BINDIR", "REL_DIR"),
    *("ERTS_VSN", "ERTS_DIR", "NODE", "HOST", "NAME", "EJHOME", "CONFIG", "SPOOL_DIR_OLD"),
)

_SET = {
    "wanted": " ".join(_WANTED),
    "passed": " ".join(_PASSED),
    "needed": " ".join(_NEEDED),
    "names": "|".join((*_WANTED, *_NEEDED)),
    "places": " ".join(PLACES),
    "services": "\n".join(f"{each.name} {each.there}" for each in SERVICES.values()),
    "hiding": hiding.OPTIONS,
    "cookies": scripts.shell(__file__, "cookie_options.awk"),
    "environment": scripts.shell(__file__, "environment.awk"),
    "assignments": scripts.shell(__file__, "assignments.awk"),
}

SCRIPT = (
    guard.script()
    + "".join(f"{name}={shlex.quote(value)}\n" for name, value in _SET.items())
    + scripts.shell(__file__, "detection.sh")
)


def answers(output: bytes) -> dict[str, str]:
    """Return the values that the script printed, by name."""
    found = {}
    for item in output.decode("utf-8", "surrogateescape").split("\0"):
        name, tab, value = item.partition("\t")
        if tab:
            found[name] = value
    return found
