"""What is the same in the scripts whatever the commands are: files beside this module."""

from __future__ import annotations

from pathlib import Path


def part(name: str) -> str:
    """The file's text."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
