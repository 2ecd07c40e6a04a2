"""The help pages that `ejtui help TOPIC` prints and F1 shows: Markdown, from files or made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module, resources

TOPICS: Mapping[str, str] = {
    "join": "the join, step by step, and what to do when it stops",
    "findings": "what ejtui can find, what each finding means, and its repair",
    "data": "what ejtui does to your data, and how to get all of it back",
    "by-hand": "how to get your data back without ejtui",
    "history": "what was done: runs, their commands and evidence, and the recordings",
    "keys": "every key in the app, and the signs",
    "configuration": "the configuration file, key by key",
    "security": "passwords, cookies, host keys, and what ejtui does as root",
    "architecture": "how the program is built, for those who work on it",
    "evidence": "what was tested on real nodes, with the figures",
}
"""Each topic with what its page is about, in the order to read them."""

MADE = ("configuration", "evidence", "findings", "join", "keys")
"""Those that a module of that name makes of what the program declares; the others are files."""


def page(topic: str) -> str:
    """The page of a topic, as Markdown. Raises KeyError for an unknown topic."""
    if topic not in TOPICS:
        raise KeyError(topic)
    if topic in MADE:
        # Imported late: these load what the first screen must not wait for.
        made: Callable[[], str] = import_module(f"{__name__}.{topic}").page
        return made()
    return resources.files(__package__).joinpath(f"{topic}.md").read_text(encoding="utf-8")
