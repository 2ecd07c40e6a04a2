"""Two hosts of Debian's releases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ejtui.lab.lab import Lab, down, up
from ejtui.lab.namespaces import Namespaces
from ejtui.lab.place import Place
from tests.lab.releases.roots import root


@contextmanager
def hosts(directory: Path, first: str, second: str) -> Iterator[Lab]:
    """A lab of its own below `directory`, whose hosts are of those releases; afterwards down."""
    place = Place(directory / "lab")
    roots = {"first": root(first), "second": root(second)}
    try:
        yield up(place=place, form=lambda place: Namespaces(place, roots))
    finally:
        down(place)
