"""Hiding the cookie in what a host prints, before it passes through whatever records it."""

from __future__ import annotations

from ejtui import scripts

COOKIE = scripts.shell(__file__, "hide_cookie.awk")
"""The awk program that hides the cookie in the arguments of an erl, a process a line."""
