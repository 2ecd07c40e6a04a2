"""An ejabberd.yml, and what changes in it, as lines without secrets; comments count, too."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ejtui.cleaning import clean
from ejtui.cluster.administration.comments import comment_spans
from ejtui.cluster.administration.document import Document, Value, pairs, scalars
from ejtui.cluster.administration.secrecy import (
    HIDDEN,
    LONG_ENOUGH,
    concealed,
    is_secret_name,
    name_is_hidden,
    secret_parts,
    without,
    without_forms,
    words_of,
)
from ejtui.cluster.administration.written import Written

_HEAD = re.compile(r"@@ -(?P<old>\d+)(?:(?P<none>,0)|,\d+)? \+(?P<new>\d+)(?:,\d+)? @@")
_NAMED = re.compile(r" *(?:- +)*(?P<name>[^\s#:'\"-][^#:]*|'[^']*'|\"[^\"]*\") *:(?:\s|$)")
_NOT_HIDDEN = "(its own asterisks)"
_MOST = 4
"""A secret with fewer characters is hidden in a message only where it is a word there."""

Keys = tuple[str, ...]


def secrets(written: Written) -> frozenset[str]:
    """Every value of the file that must not be shown, also what a macro or keyword there means."""
    found: set[str] = set()
    for name, placed in written.options.items():
        for each in placed:
            for keys, scalar in scalars(each.value, (name,)):
                found |= secret_parts(keys, scalar.text)
    for document in written.documents:
        for keys, scalar in scalars(document.values):
            for part in secret_parts(keys, scalar.text):
                found |= _meant(part, written.words, ())
    return frozenset(found)


def _meant(text: str, words: Mapping[str, Value], within: Keys) -> set[str]:
    """The text itself, or what the macros and keywords in it stand for."""
    names = [name for name in words if name == text or f"@{name}@" in text]
    alone = any(text in (name, f"@{name}@") for name in names)
    found = set() if alone else {text}
    for name in names:
        if name not in within:
            for _, each in scalars(words[name]):
                found |= _meant(each.text, words, (*within, name))
    return found


def hidden(text: str, values: Collection[str]) -> str:
    """The text without those values, for a message of ejabberd's that may repeat one."""
    text = without(text, (each for each in values if len(each) >= _MOST))
    for each in values:
        if 0 < len(each) < _MOST:
            text = re.sub(rf"(?<!\w){re.escape(each)}(?!\w)", HIDDEN, text)
    return without_forms(text)


def masked(
    document: Document,
    values: Collection[str],
    known: Mapping[Keys, Collection[str]] | None = None,
) -> list[str]:
    """The document's lines without what must not be shown there; `values` are known secrets.

    Each secret that is not among `known` at its place is marked as new, so that a difference shows
    as one.
    """
    text = document.text
    found = _masks(document, values, known)
    spans = {start: (end, new) for start, end, new in _comments(document, found, values)} | found
    for start in sorted(spans, reverse=True):
        end, new = spans[start]
        text = text[:start] + new + text[end:]
    return [clean(line) for line in text.splitlines()]


def _masks(
    document: Document, values: Collection[str], known: Mapping[Keys, Collection[str]] | None
) -> dict[int, tuple[int, str]]:
    """By where a value with a secret begins: its end, and what is shown there."""
    found: dict[int, tuple[int, str]] = {}
    for keys, node in _nodes(document.root):
        value = node.value
        shown = concealed(keys, value, values) if value else value
        start, end = node.start_mark.index, node.end_mark.index
        if shown == value:
            if value and HIDDEN in value:
                found.setdefault(start, (end, _mark(document, start, end, value, _NOT_HIDDEN)))
            continue
        # A value that aliases stand for is hidden as the strictest of its places hides it.
        if start in found and shown != HIDDEN:
            continue
        new = known is not None and not _parts(keys, value, values) <= {*known.get(keys, ())}
        found[start] = (end, _mark(document, start, end, shown, "(new)" if new else ""))
    return found


def _mark(document: Document, start: int, end: int, shown: str, remark: str) -> str:
    """What stands in a value's place; a block keeps the end of its last line."""
    mark = json.dumps(f"{shown} {remark}".rstrip(), ensure_ascii=False)
    return mark + ("\n" if document.text[start:end].endswith("\n") else "")


def _parts(keys: Keys, text: str, values: Collection[str]) -> set[str]:
    """What is hidden of a value, as far as it has to be compared with another."""
    return {
        *(secret_parts(keys, text) or ({text} if concealed(keys, text) != text else ())),
        *(each for each in values if len(each) >= LONG_ENOUGH and each in text),
    }


def _nodes(root: Any) -> Iterator[tuple[Keys, Any]]:
    """Every word and text with the names that lead to it; once for each alias that stands for it.

    A document has a bounded number of them.
    """
    stack: list[tuple[Keys, Any]] = [((), root)] if root is not None else []
    while stack:
        keys, here = stack.pop()
        if here.id == "scalar":
            yield keys, here
        elif here.id == "sequence":
            stack += [(keys, each) for each in here.value]
        else:
            stack += [((*keys, str(key.value)), each) for key, each in pairs(here)]
            stack += [(keys, key) for key, _ in pairs(here) if name_is_hidden(keys, str(key.value))]


def _comments(
    document: Document, masks: Mapping[int, tuple[int, str]], values: Collection[str]
) -> Iterator[tuple[int, int, str]]:
    """The comments that may hold a secret: by their words, or because one is beside them."""
    text, mark = document.text, f"# {HIDDEN}"
    beside = {
        line
        for start, (end, _) in masks.items()
        for line in (_line(text, start), _line(text, max(start, end - 1)))
    }
    inside = [(start, end) for start, (end, _) in masks.items()]
    run: list[tuple[int, int, int]] = []
    for start, end in [*comment_spans(document), (-1, -1)]:
        line = _line(text, start) if start >= 0 else -1
        if run and not (line == run[-1][2] + 1 and _alone(text, start)):
            yield from _of_run(text, run, beside, values, mark)
            run = []
        if start >= 0 and not any(begin <= start < last for begin, last in inside):
            run.append((start, end, line))


def _of_run(
    text: str,
    run: list[tuple[int, int, int]],
    beside: set[int],
    values: Collection[str],
    mark: str,
) -> Iterator[tuple[int, int, str]]:
    """Of comments on lines that follow each other; beside a secret none of them is shown."""
    lines = range(run[0][2] - 1, run[-1][2] + 2)
    whole = any(line in beside for line in lines) or any("-----BEGIN" in text[start:end]
                                                         for start, end, _ in run)  # fmt: skip
    for start, end, _ in run:
        if whole or _names_one(text[start:end], values):
            yield start, end, mark


def _names_one(comment: str, values: Collection[str]) -> bool:
    return (
        any(is_secret_name(word) for word in words_of(comment))
        or any(len(each) >= _MOST and each in comment for each in values)
        or without_forms(comment) != comment
    )


def _alone(text: str, start: int) -> bool:
    return not text[text.rfind("\n", 0, start) + 1 : start].strip()


def _line(text: str, index: int) -> int:
    return text.count("\n", 0, index)


def difference(before: Document, after: Document, values: Collection[str]) -> list[str]:
    """What an edit changes, as a unified diff; no secret is in it.

    In place of lines of context, which may hold anything, each change has the names above it.
    """
    known: dict[Keys, set[str]] = {}
    for keys, node in _nodes(before.root):
        known.setdefault(keys, set()).update(_parts(keys, node.value, values))
    old = masked(before, values)
    new = masked(after, values, known)
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
