"""From the common options to the configuration."""

from __future__ import annotations

import re
import shlex
from argparse import Namespace
from collections.abc import Iterable

from ejtui import config, paths

_OPTIONS = ("config", "first", "second")
_COMMAND = re.compile(
    r"(?<![\w./-])ejtui (?=(?:status|plan|check|join|repair|rollback|backups|bring-over|config)\b)"
)


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
    return [_COMMAND.sub(lambda _: command, line) for line in lines]
