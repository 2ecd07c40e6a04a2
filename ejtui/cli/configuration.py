"""From the common options to the configuration."""

from __future__ import annotations

import re
import shlex
from argparse import Namespace
from collections.abc import Iterable

from ejtui import config, paths

_OPTIONS = ("config", "first", "second")
_NAMES = (
    "status", "plan", "check", "join", "repair", "rollback", "backups", "bring-over", "config",
    "history",
)  # fmt: skip
_COMMAND = re.compile(rf"(?<![\w./-])ejtui (?=(?:{'|'.join(_NAMES)})\b)")
_SWAPPED = re.compile(r"(?<![\w./-])ejtui (?=--first \S+ --second \S+ [a-z])")


def read_configuration(args: Namespace) -> config.Config:
    """The configuration that the command line asks for; raises ConfigError."""
    return config.load(args.config or paths.config_file(), first=args.first, second=args.second)


def addressed(lines: Iterable[str], args: Namespace) -> list[str]:
    """The lines with the options that chose this pair in each command that they name.

    Typed as it stands, such a command must not reach another pair.
    """
    given = [
        f"--{name} {shlex.quote(value)}" for name in _OPTIONS if (value := getattr(args, name))
    ]
    if not given:
        return list(lines)
    command = f"ejtui {' '.join(given)} "
    # One that exchanges first and second names both itself.
    swapped = f"ejtui --config {shlex.quote(args.config)} " if args.config else "ejtui "
    whole = (_SWAPPED.sub(lambda _: swapped, line) for line in lines)
    return [_COMMAND.sub(lambda _: command, line) for line in whole]
