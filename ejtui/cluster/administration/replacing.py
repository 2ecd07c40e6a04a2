"""The lines of an option that gets another value; what stays the same keeps its lines. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise, zip_longest
from typing import Any

from ejtui.cluster.administration.comments import alone, follows_text, lines_of, with_comments
from ejtui.cluster.administration.document import (
    Document,
    Scalar,
    Span,
    Value,
    last_line,
    pairs,
    value_below,
    written,
)


def replacement(document: Document, keys: Sequence[str], span: Span, value: Value) -> list[str]:
    """The lines with the value in place of those in `span`, which set another."""
    node = document.nodes(keys)
    there = value_below(document.values, keys)
    if (
        isinstance(value, tuple)
        and value
        and isinstance(there, tuple)
        and _by_lines(document, node)
    ):
        return _items(document, node, span, there, value)
    parent = document.nodes(keys[:-1]) if keys[:-1] else document.root
    key = next(each for each, _ in pairs(parent) if each.value == keys[-1])
    column = key.start_mark.column
    new = written(Scalar(key.value, key.style, str(key.tag)), value, column)
    return with_comments(lines_of(document, span.start, span.end), new)


def remains(document: Document, keys: Sequence[str], span: Span) -> list[str]:
    """What stays of an option's lines that are taken out: the comments with separate lines."""
    left = alone(lines_of(document, span.start, span.end))
    if not follows_text(document, span.start):
        return left
    indent = document.lines[span.start].partition(keys[-1])[0].rstrip("'\"")
    return [f"{indent}{each.lstrip()}" for each in left]


def _by_lines(document: Document, node: Any) -> bool:
    """Whether it is a list with each item in separate lines."""
    if node.id != "sequence" or node.flow_style or not node.value:
        return False
    starts = [each.start_mark.line for each in node.value]
    return all(_dash(document, line) for line in starts) and len({*starts}) == len(starts)


def _dash(document: Document, line: int) -> bool:
    return document.lines[line].lstrip(" ").startswith("- ")


def _items(
    document: Document,
    node: Any,
    span: Span,
    there: tuple[Value, ...],
    value: tuple[Value, ...],
) -> list[str]:
    """Those items change that differ; each has the comments before it."""
    ends = [last_line(each, each.start_mark.line) + 1 for each in node.value]
    first = document.lines[node.value[0].start_mark.line]
    column = len(first) - len(first.lstrip(" "))
    # What is between the key's line and the first item belongs to that.
    begin = min(node.value[0].start_mark.line, span.start + 1)
    chunks = [Span(start, end) for start, end in pairwise([begin, *ends])]
    result = [*document.lines[span.start : begin]]
    matcher = SequenceMatcher(
        None, list(map(_mark, there)), list(map(_mark, value)), autojunk=False
    )
    for word, start, end, left, right in matcher.get_opcodes():
        if word == "equal":
            for each in chunks[start:end]:
                result += document.lines[each.start : each.end]
            continue
        for chunk, item in zip_longest(chunks[start:end], value[left:right]):
            new = _item(item, column) if item is not None else []
            result += _changed(document, chunk, new)
    return [line.rstrip("\r\n") + "\n" for line in result]


def _changed(document: Document, chunk: Span | None, new: list[str]) -> list[str]:
    if chunk is None:
        return new
    old = lines_of(document, chunk.start, chunk.end)
    if not new:
        return alone(old)
    before = 0
    while before < len(old) and old[before].alone:
        before += 1
    return [*(each.text for each in old[:before]), *with_comments(old[before:], new)]


def _item(value: Value, column: int) -> list[str]:
    """The lines of an item whose dash is in that column."""
    return [f"{' ' * column}{line[2:]}" for line in written(Scalar("x"), (value,), 0)[1:]]


def _mark(value: Value) -> str:
    """Two values are the same where these are."""
    if isinstance(value, Scalar):
        return repr(value.text)
    if isinstance(value, tuple):
        return f"[{', '.join(map(_mark, value))}]"
    return f"{{{', '.join(sorted(f'{_mark(key)}: {_mark(each)}' for key, each in value.items()))}}}"
