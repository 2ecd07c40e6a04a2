"""Numbers of bytes as people read them."""

from __future__ import annotations


def amount(size: int | None) -> str:
    """Bytes in kB, MB and GB of thousands; "?" where it is not known."""
    if size is None:
        return "?"
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= step:
            return f"{size / step:.{0 if size >= 100 * step else 1}f} {unit}"
    return f"{size} B"
