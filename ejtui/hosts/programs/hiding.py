"""Hiding secrets in what a host prints, before it passes through whatever records it."""

from __future__ import annotations

from ejtui import scripts

ARGUMENTS = scripts.shell(__file__, "hide_arguments.awk")
"""The awk program that hides secrets in command lines, a process a line."""

OPTIONS = scripts.shell(__file__, "hide_options.awk")
"""The awk program that hides what may be a secret in the options of an erl."""

HIDDEN = "HIDDEN"
"""Stands in place of each hidden word."""
