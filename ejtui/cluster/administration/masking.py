"""What of an ejabberd.yml must not be shown: passwords, keys and tokens, also in comments."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ejtui.cleaning import clean
from ejtui.cluster.administration.document import Document, Value, pairs, scalars
from ejtui.cluster.administration.written import Written

HIDDEN = "***"

_NAMES = re.compile(
    r"pass(word|wd|phrase)?(_(?!format|strength)|$)|secret|token|(^|_)key($|_)|credential|auth_opts",
    re.I,
)
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "none", "undefined", "null"})
_IN_ADDRESS = re.compile(r"(://[^/@\s:]*:)[^/@\s]+@")
_RANDOM = re.compile(r"(?=[^\s]*\d)(?=[^\s]*[A-Za-z])[A-Za-z0-9+/=_-]{20,}")
_COMMENT = re.compile(r"^(\s*#.*?(?:pass|secret|token|key|credential)\w*['\"]?\s*[:=]\s*).*$", re.I)
_HEAD = re.compile(r"@@ -(?P<old>\d+)(?:(?P<none>,0)|,\d+)? \+(?P<new>\d+)(?:,\d+)? @@")
_NAMED = re.compile(r" *(?:- +)*(?P<name>[^\s#:'\"-][^#:]*|'[^']*'|\"[^\"]*\") *:(?:\s|$)")
_INLINE = re.compile(r"(\s#\s?).*(?:pass|secret|token|key|credential).*$", re.I)


def is_secret(keys: Iterable[str], text: str) -> bool:
    """Whether the value below these names is one that must not be shown."""
    if not text or text.lower() in _WORDS or (text.isdigit() and len(text) < 4):
        return False
    named = any(_NAMES.search(key) for key in keys)
    return named or bool(_IN_ADDRESS.search(text)) or bool(_RANDOM.fullmatch(text))


def secrets(written: Written) -> frozenset[str]:
    """Every value of the file that must not be shown, macros' own values with them."""
    found = {
        scalar.text
        for name, placed in written.options.items()
        for each in placed
        for keys, scalar in scalars(each.value, (name,))
        if is_secret(keys, scalar.text)
    }
    for document in written.documents:
        found |= _of_document(document, written.macros)
    return frozenset(found)


def _of_document(document: Document, macros: Mapping[str, Value]) -> set[str]:
    found = set()
    for keys, scalar in scalars(document.values):
        if not is_secret(keys, scalar.text):
            continue
        meant = macros.get(scalar.text)
        if meant is None:
            found.add(scalar.text)
        else:
            found |= {each.text for _, each in scalars(meant)}
    return found


def hidden(text: str, values: Collection[str]) -> str:
    """The text without those values, for a message of ejabberd's that may repeat one."""
    for value in sorted(values, key=len, reverse=True):
        if len(value) > 3:
            text = text.replace(value, HIDDEN)
    return _IN_ADDRESS.sub(rf"\1{HIDDEN}@", text)


def masked(document: Document, values: Collection[str], known: Collection[str] = ()) -> list[str]:
    """The document's lines with each of those values hidden.

    One that is not among `known` is marked as new, so that a difference shows as one.
    """
    text = document.text
    spans = sorted(_spans(document.root, values), reverse=True)
    for start, end, value in spans:
        mark = f'"{HIDDEN}"' if value in known or not known else f'"{HIDDEN} (new)"'
        end_of_line = "\n" if text[start:end].endswith("\n") else ""
        text = text[:start] + mark + end_of_line + text[end:]
    return [_comment(clean(line)) for line in text.splitlines()]


def _comment(line: str) -> str:
    line = _COMMENT.sub(rf"\1{HIDDEN}", line)
    return _INLINE.sub(rf"\1{HIDDEN}", line)


def _spans(node: Any, values: Collection[str]) -> Iterable[tuple[int, int, str]]:
    """Where such a value is written, each once."""
    found: dict[int, tuple[int, int, str]] = {}
    stack = [node] if node is not None else []
    seen: set[int] = set()
    while stack:
        here = stack.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        if here.id == "scalar":
            if here.value in values:
                start = here.start_mark.index
                found[start] = (start, here.end_mark.index, here.value)
        else:
            stack += [each for _, each in pairs(here)]
            stack += here.value if here.id == "sequence" else []
    return found.values()


def difference(before: Document, after: Document, values: Collection[str]) -> list[str]:
    """What an edit changes, as a unified diff; no secret is in it.

    In place of lines of context, which may hold anything, each change has the names above it.
    """
    there = {scalar.text for _, scalar in scalars(before.values)}
    known = [each for each in values if each in there]
    old = masked(before, values)
    new = masked(after, values, known or ("",))
    lines = difflib.unified_diff(old, new, before.path, f"{before.path} (new)", n=0, lineterm="")
    return [_with_names(line, old, new) for line in lines]


def _with_names(line: str, old: Sequence[str], new: Sequence[str]) -> str:
    """The head of a change with the names of the options that it is in; any other line as it is."""
    head = _HEAD.fullmatch(line)
    if head is None:
        return line
    lines, number = (new, head["new"]) if head["none"] else (old, head["old"])
    names = [f"{each}:" for each in _names_above(lines, int(number) - 1)]
    return " ".join([line, *names])


def _names_above(lines: Sequence[str], index: int) -> list[str]:
    """The names below which a line stands, the outermost first."""
    found: list[str] = []
    indent, item = _indent(lines[index])
    for line in reversed(lines[:index]):
        named = _NAMED.match(line)
        if named is None:
            continue
        here, is_item = _indent(line)
        if here < indent or (here == indent and item and not is_item):
            found.insert(0, named["name"].strip("'\""))
            indent, item = here, is_item
    return found


def _indent(line: str) -> tuple[int, bool]:
    """How far a line is indented, and whether it begins an item of a list."""
    text = line.lstrip(" ")
    return len(line) - len(text), text.startswith("-")
