"""From the common options to the configuration."""

from __future__ import annotations

from argparse import Namespace

from ejtui import config, paths


def read_configuration(args: Namespace) -> config.Config:
    """The configuration that the command line asks for; raises ConfigError."""
    return config.load(args.config or paths.config_file(), first=args.first, second=args.second)
