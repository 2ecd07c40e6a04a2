"""The command lines that start erl: for the join's own shell, and for a shell on a running node."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from itertools import pairwise

from ejtui.erlang.terms import quoting
from ejtui.erlang.terms.names import NodeName
from ejtui.platforms import Platform


def erl_argv(platform: Platform, *, extra_db_nodes: Sequence[str] = ()) -> tuple[str, ...]:
    """The documented command: erl under the node's name, with Mnesia connecting to others.

    There is no cookie in it: as the service user, with `erl_env`, erl reads the file itself.
    Raises BadNodeName.
    """
    name = NodeName.parse(platform.node)
    nodes = "[" + ",".join(quoting.atom(str(NodeName.parse(n))) for n in extra_db_nodes) + "]"
    extra = ("-mnesia", "extra_db_nodes", nodes) if extra_db_nodes else ()
    return (
        *platform.erl_line,
        name.flag,
        str(name),
        *platform.dist_options,
        "-mnesia",
        "dir",
        quoting.string(platform.spool_dir),
        *extra,
        "-s",
        "mnesia",
    )


def remote_shell_argv(platform: Platform, own_name: str) -> tuple[str, ...]:
    """A shell on the running node itself, from a hidden node called `own_name`.

    Raises BadNodeName.
    """
    node = NodeName.parse(platform.node)
    own = NodeName.parse(f"{own_name}@{node.host}")
    options = tuple(platform.dist_options)
    if _one_port(options):
        options = (*options, "-dist_listen", "false")
    return (*platform.erl_line, own.flag, str(own), "-hidden", *options, "-remsh", str(node))


def _one_port(options: Sequence[str]) -> bool:
    """Whether these leave one port alone to listen on, which the running node has."""
    low, high = (_after(options, f"inet_dist_listen_{end}") for end in ("min", "max"))
    return "-erl_epmd_port" in options or (low != "" and low == high)


def _after(options: Sequence[str], name: str) -> str:
    """The word that follows the last one of this name, "" where there is none."""
    found = [each for word, each in pairwise(options) if word == name]
    return found[-1] if found else ""


def erl_env(platform: Platform) -> dict[str, str]:
    """The environment erl runs in: the home with the cookie, and ejabberd's own settings."""
    return {**platform.env, "HOME": platform.home}


def shown(argv: Sequence[str], env: Mapping[str, str] | None = None) -> str:
    """The line an operator would type into a POSIX shell for this command."""
    settings = [f"{name}={shlex.quote(value)}" for name, value in (env or {}).items()]
    return " ".join([*settings, shlex.join(argv)])
