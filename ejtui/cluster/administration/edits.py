"""Options put into a file, or taken out of it: those lines change, and no others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ejtui.cluster.administration.document import (
    BadFile,
    Document,
    Scalar,
    Value,
    is_block,
    last_line,
    pairs,
    value_below,
    written,
)
from ejtui.cluster.administration.replacing import remains, replacement


@dataclass(frozen=True)
class Edit:
    """The option below `keys` gets the value; None takes it out.

    With `items` they are put after those of the list that is there.
    """

    keys: tuple[str, ...]
    value: Value | None = None
    items: tuple[Value, ...] = ()


@dataclass(frozen=True)
class _Splice:
    """`lines` in place of those from `start` up to `end`; `parent` is where the option is."""

    start: int
    end: int
    lines: tuple[str, ...]
    parent: tuple[str, ...]
    removes: bool = False

    def clashes(self, other: _Splice) -> bool:
        """Whether one may move or remove what the other is about."""
        if self.parent == other.parent and (self.removes or other.removes):
            return True
        inserts = self.start == self.end and other.start == other.end
        return self.start == other.start if inserts else self._overlaps(other)

    def _overlaps(self, other: _Splice) -> bool:
        return self.start < other.end and other.start < self.end


def edited(path: str, text: str, edits: Sequence[Edit]) -> str:
    """The text with the edits, checked by reading it again.

    Raises BadFile where the file is no YAML, or an edit would touch other lines than its own.
    """
    now = Document(path, text)
    wanted = now.values
    left: list[Edit] = []
    for edit in edits:
        left.append(_items_alone(now.values, edit))
        wanted = _applied(wanted, edit)
    while left:
        splices, later = _round(now, left)
        now = Document(path, _spliced(now, splices))
        left = later
    if now.values != wanted:
        keys = ", ".join(sorted({".".join(each.keys) for each in edits}))
        raise BadFile(path, 0, f"{keys} cannot be changed there alone; change it by hand")
    return now.text


def _items_alone(values: dict[Scalar, Value], edit: Edit) -> Edit:
    """The edit; where a list only gets longer, one that adds items to it."""
    there = value_below(values, edit.keys)
    if not (isinstance(there, tuple) and isinstance(edit.value, tuple) and there):
        return edit
    if edit.value[: len(there)] != there or edit.value == there:
        return edit
    return Edit(edit.keys, items=edit.value[len(there) :])


def _round(document: Document, edits: Sequence[Edit]) -> tuple[list[_Splice], list[Edit]]:
    """Those that one reading of the file is enough for, and the rest."""
    splices: list[_Splice] = []
    later: list[Edit] = []
    for edit in edits:
        new = _splice(document, edit)
        if later or any(new.clashes(each) for each in splices):
            later.append(edit)
        else:
            splices.append(new)
    return splices, later


def _splice(document: Document, edit: Edit) -> _Splice:
    if edit.items:
        return _with_items(document, edit)
    if edit.value is None:
        return _without(document, edit.keys)
    keys = edit.keys
    # The deepest mapping that is there as indented lines takes the option in.
    depth = 0
    while depth + 1 < len(keys) and is_block(document.nodes(keys[: depth + 1])):
        depth += 1
    value = edit.value
    if depth + 1 < len(keys):
        inner = value_below(document.values, keys[: depth + 1])
        start = inner if isinstance(inner, dict) else {}
        value = _applied(start, Edit(keys[depth + 1 :], edit.value))
    return _put(document, keys[: depth + 1], value)


def _put(document: Document, keys: tuple[str, ...], value: Value) -> _Splice:
    """Replaces the option's lines, or adds some after the last option beside it."""
    parent = document.nodes(keys[:-1]) if keys[:-1] else document.root
    beside = pairs(parent)
    column = beside[0][0].start_mark.column if beside else 0
    span = document.span(keys)
    if span is not None:
        lines = replacement(document, keys, span, value)
        return _Splice(span.start, span.end, tuple(lines), keys[:-1])
    lines = written(Scalar(keys[-1]), value, column)
    if beside and not parent.flow_style:
        end = last_line(parent, parent.start_mark.line) + 1
    elif document.root is None:
        end = len(document.lines)
    else:
        line = document.line(*keys[:-1])
        raise BadFile(document.path, line, "it is written in braces; write it as indented lines")
    return _Splice(end, end, tuple(lines), keys[:-1])


def _without(document: Document, keys: tuple[str, ...]) -> _Splice:
    """Takes the option out; a mapping that has nothing else goes with it. Comments on
    separate lines stay."""
    while len(keys) > 1 and len(pairs(document.nodes(keys[:-1]))) == 1:
        keys = keys[:-1]
    span = document.span(keys)
    if span is None:
        return _Splice(0, 0, (), keys[:-1], removes=True)
    left = tuple(remains(document, keys, span))
    return _Splice(span.start, span.end, left, keys[:-1], removes=True)


def _with_items(document: Document, edit: Edit) -> _Splice:
    node = document.nodes(edit.keys)
    by_words = all(isinstance(each, Scalar) for each in edit.items)
    if (
        node is None
        or node.id != "sequence"
        or not node.value
        or (node.flow_style and not by_words)
    ):
        there = value_below(document.values, edit.keys)
        items = there if isinstance(there, tuple) else () if there is None else (there,)
        return _put(document, edit.keys, (*items, *edit.items))
    if node.flow_style:
        return _in_brackets(document, node, edit)
    last = node.value[-1]
    end = last_line(last, last.start_mark.line) + 1
    dash = document.lines[node.value[0].start_mark.line]
    column = len(dash) - len(dash.lstrip())
    if not dash.lstrip().startswith("-"):
        raise BadFile(document.path, node.start_mark.line + 1, "the list is not one item a line")
    lines = [line[2:] for line in written(Scalar("x"), edit.items, 0)[1:]]
    return _Splice(end, end, tuple(f"{' ' * column}{line}" for line in lines), edit.keys[:-1])


def _in_brackets(document: Document, node: Any, edit: Edit) -> _Splice:
    """Items after the last one between brackets."""
    texts = []
    for each in edit.items:
        [line] = written(Scalar("x"), each, 0)
        texts.append(line.removeprefix("x: ").rstrip("\n"))
    mark = node.value[-1].end_mark
    line = document.lines[mark.line]
    new = f"{line[: mark.column]}, {', '.join(texts)}{line[mark.column :]}"
    return _Splice(mark.line, mark.line + 1, (new,), edit.keys[:-1])


def _spliced(document: Document, splices: Sequence[_Splice]) -> str:
    """The file's text with these, the last ones first, so that the others stay in their places."""
    lines = list(document.lines)
    for each in sorted(splices, key=lambda splice: splice.start, reverse=True):
        ending = _ending(lines, each)
        if each.start and not lines[each.start - 1].endswith(("\n", "\r")) and each.lines:
            lines[each.start - 1] += ending
        open_end = bool(lines[each.start : each.end]) and not lines[each.end - 1].endswith("\n")
        own = [line.rstrip("\r\n") + ending for line in each.lines]
        if own and open_end:
            own[-1] = own[-1].rstrip("\r\n")
        lines[each.start : each.end] = own
    return "".join(lines)


def _ending(lines: Sequence[str], splice: _Splice) -> str:
    """How the lines end that are replaced, or the one before those that are added."""
    at = splice.start if splice.start < splice.end else max(0, splice.start - 1)
    near = [line for line in (*lines[at : at + 1], *lines[:1]) if line.endswith("\n")]
    return "\r\n" if near and near[0].endswith("\r\n") else "\n"


def _applied(values: dict[Scalar, Value], edit: Edit) -> dict[Scalar, Value]:
    """The values with the edit: what the file must hold afterwards."""
    return _changed(values, edit.keys, lambda there: _new(there, edit))


def _new(there: Value | None, edit: Edit) -> Value | None:
    if not edit.items:
        return edit.value
    items = there if isinstance(there, tuple) else () if there is None else (there,)
    return (*items, *edit.items)


def _changed(
    values: dict[Scalar, Value],
    keys: tuple[str, ...],
    change: Callable[[Value | None], Value | None],
) -> dict[Scalar, Value]:
    key, rest = Scalar(keys[0]), keys[1:]
    there = values.get(key)
    new: Value | None
    if rest:
        new = _changed(there if isinstance(there, dict) else {}, rest, change) or None
    else:
        new = change(there)
    result = {each: value for each, value in values.items() if each != key or new is not None}
    if new is not None:
        result[key] = new
    return result
