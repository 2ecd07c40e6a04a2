"""The page of the configuration: what is written, and the platforms as they are declared."""

from __future__ import annotations

from importlib import resources

from ejtui.platforms.catalogue import KINDS
from ejtui.platforms.kind import Kind


def page() -> str:
    """The page, as Markdown."""
    written = resources.files(__package__).joinpath("configuration.md").read_text(encoding="utf-8")
    *others, last = map(_named, KINDS.values())
    return written.replace("{platforms}", f"{', '.join(others)} or {last}")


def _named(kind: Kind) -> str:
    """Its name, and by what else the hosts call themselves that are of this kind."""
    others = ", ".join(each for each in kind.releases if each != kind.name)
    return f"`{kind.name}` ({others} too)" if others else f"`{kind.name}`"
