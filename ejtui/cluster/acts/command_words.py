"""How a command is introduced where people read it: as one to type, or as words for what is done.

What Erlang is asked to do with files, sockets or secrets has no short expression:
it is shown in words. Words must not look like something to type at erl's prompt.
"""

from __future__ import annotations

import re

_EXPRESSION = re.compile(r"""[a-z]\w*(?::[a-z]\w*)?\(|[{\[(%]|[A-Z]\w* =""")


def is_words(place: str, text: str) -> bool:
    """Whether it is words for what ejtui's probe does, and no Erlang."""
    return place == "erl" and not _EXPRESSION.match(text)


def within(place: str, text: str) -> str:
    """What it runs in, to stand behind host and user: "in erl", "" for the host's shell."""
    if is_words(place, text):
        return "by ejtui's probe"
    return "in erl" if place == "erl" else ""


def prompt(place: str, text: str) -> str:
    """What stands before it, as wide as a shell's prompt; "" for words."""
    if is_words(place, text):
        return ""
    return "> " if place == "erl" else "$ "
