"""Checks and words that every part of the configuration shares."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from ejtui.config.errors import ConfigError, Mistakes


def plain_text(path: Path | str, key: str, value: object, example: str) -> str:
    """The value when it is text of at least one character and without control characters."""
    if not isinstance(value, str):
        raise ConfigError(path, key, f"is {kind(value)}", f"it should be text: {example}")
    if not value:
        raise ConfigError(path, key, "is empty", f"it should be like {example}, or left out")
    if not value.isprintable():
        raise ConfigError(
            path,
            key,
            f"{quoted(value)} has a character that does not print",
            f"it should be plain text of one line, like {example}",
        )
    return value


def refuse_unknown(
    path: Path, prefix: str, table: dict[str, object], known: tuple[str, ...]
) -> None:
    """Raise ConfigError for the keys that are not among those known."""
    mistakes = Mistakes()
    for key in table:
        if key not in known:
            mistakes.read(partial(_refuse, path, prefix, key, known))
    mistakes.report()


def _refuse(path: Path, prefix: str, key: str, known: tuple[str, ...]) -> None:
    shown = key if key.isidentifier() else quoted(key)
    raise ConfigError(
        path,
        f"{prefix}.{shown}" if prefix else shown,
        f"is not a key that ejtui knows{nearest(key, known)}",
        f"the keys {f'of [{prefix}]' if prefix else 'here'} are: {', '.join(known)}",
    )


def nearest(word: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    """A guess at what was meant, to follow a message; empty when nothing is near."""
    import difflib  # takes a while, and only a message needs it

    swapped = [each for each in known if sorted(each) == sorted(word)]
    near = swapped or difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def kind(value: object) -> str:
    """What a TOML value is, in words."""
    match value:
        case bool():
            return "true or false"
        case int():
            return f"the number {value}"
        case float():
            return f"the number {value}"
        case str():
            return f"text ({quoted(value)})"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return "a date or time"


def quoted(value: str) -> str:
    """The text in double quotes on one line, whatever is in it; cut when it is long."""
    shown = value if len(value) <= 60 else value[:57] + "..."
    escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in escaped)
    return f'"{safe}"'
