"""The comments of an ejabberd.yml, kept where lines around them are replaced. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from ejtui.cluster.administration.document import Document

_COMMENT = re.compile(r"(?<!\S)#[^\r\n]*")
_BLOCKS = ("|", ">")


def comment_spans(document: Document) -> Iterator[tuple[int, int]]:
    """Where comments are: outside of every value and name, so that no value is taken for one."""
    text, begin = document.text, 0
    for start, end in [*sorted(_covered(document.root, text)), (len(text), len(text))]:
        yield from (found.span() for found in _COMMENT.finditer(text, begin, max(begin, start)))
        begin = max(begin, end)


def _covered(root: Any, text: str) -> set[tuple[int, int]]:
    """Where names and values are written."""
    found: set[tuple[int, int]] = set()
    stack, seen = ([root] if root is not None else []), set[int]()
    while stack:
        here = stack.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        if here.id == "scalar":
            start, end = here.start_mark.index, here.end_mark.index
            if here.style in _BLOCKS:
                # What follows the mark of a block on its line can be a comment.
                start = text.find("\n", start, end) + 1 or end
            found.add((start, end))
        else:
            for each in here.value:
                stack += each if isinstance(each, tuple) else [each]
    return found


@dataclass(frozen=True)
class _Line:
    """A line of a file: what is written in it, and its comment with the blanks before it."""

    content: str
    comment: str = ""

    @property
    def alone(self) -> bool:
        """Whether there is a comment, and nothing else."""
        return bool(self.comment) and not self.content.strip()

    @property
    def text(self) -> str:
        return f"{self.content}{self.comment}\n"

    @property
    def indent(self) -> int:
        return len(self.content) - len(self.content.lstrip())

    @property
    def meaning(self) -> str:
        """What is written there, whether in lines or in brackets."""
        return self.content.translate(_SIGNS).strip().removeprefix("- ").strip()


_SIGNS = str.maketrans("", "", "\"'[]{},")


def lines_of(document: Document, start: int, end: int) -> list[_Line]:
    """Lines of the file, from 0; `end` is the first one after them."""
    begins, at = [], 0
    for line in document.lines:
        begins.append(at)
        at += len(line)
    spans = {document.text.count("\n", 0, span[0]): span[0] for span in comment_spans(document)}
    found = []
    for number in range(start, end):
        line = document.lines[number].rstrip("\r\n")
        cut = spans[number] - begins[number] if number in spans else len(line)
        content = line[:cut].rstrip()
        found.append(_Line(content, line[len(content) :] if number in spans else ""))
    return found


def follows_text(document: Document, line: int) -> bool:
    """Whether a text in lines ends before this line: an indented comment would be part of it."""
    at = sum(len(each) for each in document.lines[:line])
    return any(end == at for _, end in _covered(document.root, document.text))


def alone(lines: Sequence[_Line]) -> list[str]:
    """The comments on separate lines."""
    return [each.text for each in lines if each.alone]


def with_comments(old: Sequence[_Line], new: Sequence[str]) -> list[str]:
    """The new lines in place of the old ones, with all comments of these.

    A comment stays on its line where that is still there or another one is in its place, else it
    gets a line where it was.
    """
    fresh = [_Line(line.rstrip("\n")) for line in new]
    open_lines = _open(new)
    written = [(at, each) for at, each in enumerate(old) if not each.alone]
    partners = _partners([each for _, each in written], fresh)
    partner = {at: partners.get(number) for number, (at, _) in enumerate(written)}
    result: list[list[str]] = [[] for _ in range(len(fresh) + 1)]
    last = 0
    for at, each in enumerate(old):
        there = partner.get(at)
        if there is not None:
            last = there + 1
        if not each.comment:
            continue
        if there is not None and there not in open_lines and not fresh[there].comment:
            fresh[there] = _Line(fresh[there].content, each.comment)
        else:
            result[_closed(last, open_lines, len(fresh))].append(_own_line(each, fresh))
    lines: list[str] = []
    for before, line in zip_longest(result, fresh):
        lines += before
        lines += [line.text] if line is not None else []
    return lines


def _own_line(line: _Line, fresh: Sequence[_Line]) -> str:
    """A comment as a line; not so far indented that a text above could take it in."""
    if line.alone and not any(each.content.endswith(("|", ">", "-", "+")) for each in fresh):
        return line.text
    indent = fresh[0].indent if fresh else line.indent
    return f"{' ' * indent}{line.comment.strip()}\n"


def _partners(old: Sequence[_Line], new: Sequence[_Line]) -> dict[int, int]:
    """Which new line is in the place of each old one; the first ones are each other's."""
    if not (old and new):
        return {}
    found = {0: 0}
    matcher = SequenceMatcher(
        None, [each.meaning for each in old[1:]], [each.meaning for each in new[1:]], autojunk=False
    )
    for word, start, end, begin, stop in matcher.get_opcodes():
        if word in ("equal", "replace"):
            pairs = zip(range(start, end), range(begin, stop), strict=False)
            found.update({one + 1: other + 1 for one, other in pairs})
    return found


def _open(new: Sequence[str]) -> frozenset[int]:
    """The lines at whose end a text goes on, so that a comment would be part of it."""
    head = "value:\n"
    document = Document("", head + "".join(new))
    spans = _covered(document.root, document.text)
    found, at = set(), len(head)
    for number, line in enumerate(new):
        at += len(line)
        if any(start < at <= stop for start, stop in spans):
            found.add(number)
    return frozenset(found)


def _closed(at: int, open_lines: frozenset[int], most: int) -> int:
    """The first place from there on that is between lines, and not within a text."""
    while 0 < at < most and at - 1 in open_lines:
        at += 1
    return at
