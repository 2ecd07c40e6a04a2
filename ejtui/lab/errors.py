"""What the lab raises."""

from __future__ import annotations


class LabError(Exception):
    """The lab cannot do what was asked; `str()` gives the reason and what to do next."""


class NoSuchFault(LabError):
    """The code that was typed is no finding's."""
