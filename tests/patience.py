"""How long tests wait for what must come: far longer than it takes, on a computer that is busy."""

SECONDS = 240.0
"""A wait ends as soon as what it waits for is there; only a failure takes so long."""
