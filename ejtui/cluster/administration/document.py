"""An ejabberd.yml as a person wrote it: its values, and the lines that each of them is on."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from ejtui.cleaning import clean
from ejtui.cluster.errors import ClusterError

MOST_BYTES = 200_000
"""A file with more is not read: ejabberd's own examples have a twentieth of it."""

_MOST_VALUES = 50_000
_MOST_BRACKETS = 500
_STRING = "tag:yaml.org,2002:str"
_WIDTH = 100_000
_SEPARATORS = "\u2028\u2029"


class BadFile(ClusterError):
    """A file that cannot be used: where, why, and what would be right, in one sentence.

    `line` counts from 1; 0 where it is the file as a whole.
    """

    def __init__(self, path: str, line: int, why: str) -> None:
        where = f"{path}, line {line}" if line else path
        super().__init__(clean(f"{where}: {why}"))
        self.path = path
        self.line = line


@dataclass(frozen=True)
class Scalar:
    """A word, a number or a text; two are equal where their texts are, however they are quoted."""

    text: str
    style: str | None = field(default=None, compare=False)
    tag: str = field(default=_STRING, compare=False)

    def __str__(self) -> str:
        return self.text


Value = Scalar | tuple["Value", ...] | dict[Scalar, "Value"]


@dataclass(frozen=True)
class Span:
    """Whole lines of a file, from 0; `end` is the first line after them."""

    start: int
    end: int


class Document:
    """One file, parsed. Raises BadFile for what is no YAML that ejabberd could mean."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.lines = text.splitlines(keepends=True)
        if len(text) > MOST_BYTES:
            raise BadFile(path, 0, f"it has more than {MOST_BYTES} bytes; an ejabberd.yml has less")
        self.root = _composed(path, text)
        if self.root is not None and self.root.id != "mapping":
            line = self.root.start_mark.line + 1
            raise BadFile(path, line, "it must hold options, each as `name: value`")
        if self.root is not None:
            _refuse_duplicates(path, self.root, set(), 0)
        self.values = self._values()

    def _values(self) -> dict[Scalar, Value]:
        if self.root is None:
            return {}
        try:
            value = _Reading(self.path, self.text).value(self.root)
        except RecursionError:
            raise BadFile(
                self.path, 0, "its values lie too deep in each other; write it with fewer levels"
            ) from None
        return cast("dict[Scalar, Value]", value)

    def line(self, *keys: str) -> int:
        """The line, from 1, that a value is on; 1 where there is none."""
        found = self._find(keys)
        return found[0].start_mark.line + 1 if found else 1

    def nodes(self, keys: Sequence[str]) -> Any:
        """ruamel's node of the value below these keys, None where there is none."""
        found = self._find(keys)
        return found[1] if found else None

    def _find(self, keys: Sequence[str]) -> tuple[Any, Any] | None:
        pair, here = None, self.root
        for key in keys:
            pair = next((each for each in pairs(here) if each[0].value == key), None)
            if pair is None:
                return None
            here = pair[1]
        return pair

    def span(self, keys: Sequence[str]) -> Span | None:
        """The lines of an option with its value, None where there is none.

        Raises BadFile where it shares them with something else.
        """
        found = self._find(keys)
        if found is None:
            return None
        key, value = found
        start, end = key.start_mark.line, last_line(value, key.start_mark.line)
        before = self.lines[start][: key.start_mark.column]
        if value.start_mark.index < key.start_mark.index or value.anchor or before.strip():
            raise BadFile(
                self.path,
                start + 1,
                f"{'.'.join(keys)} is not written as lines that can be replaced (an alias, or "
                "braces); write it as indented lines, or change it by hand",
            )
        return Span(start, end + 1)


def pairs(node: Any) -> list[tuple[Any, Any]]:
    """The keys and values of a mapping; none of anything else."""
    return list(node.value) if node is not None and node.id == "mapping" else []


def is_block(node: Any) -> bool:
    """Whether it is a mapping that is written as indented lines, with something in it."""
    return bool(pairs(node)) and not node.flow_style


def last_line(node: Any, least: int) -> int:
    """The last line, from 0, that something of the value is on; `least` where there is nothing."""
    if node.id == "scalar":
        end = node.end_mark
        blocks = node.style in ("|", ">")
        line = end.line - 1 if blocks and end.column == 0 else end.line
        return max(least, line if node.value or node.style else least)
    if node.flow_style or not node.value:
        return max(least, int(node.end_mark.line))
    last = node.value[-1]
    inner = last[1] if isinstance(last, tuple) else last
    start = last[0].start_mark.line if isinstance(last, tuple) else inner.start_mark.line
    return last_line(inner, max(least, start))


def written(key: Scalar, value: Value, column: int) -> list[str]:
    """The lines of an option, indented."""
    node = _node({key: value})
    stream = io.StringIO()
    _yaml().serialize(node, stream)
    return [f"{' ' * column}{line}\n" for line in stream.getvalue().splitlines()]


def value_below(values: dict[Scalar, Value], keys: Sequence[str]) -> Value | None:
    """What is set below these keys, None where nothing is."""
    here: Value | None = values
    for key in keys:
        here = here.get(Scalar(key)) if isinstance(here, dict) else None
    return here


def scalars(value: Value, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Scalar]]:
    """Every word and text in it, with the keys that lead there."""
    if isinstance(value, Scalar):
        yield path, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from scalars(each, (*path, key.text))
    else:
        for each in value:
            yield from scalars(each, path)


def _yaml() -> Any:
    from ruamel.yaml import YAML  # takes a fifth of a second: only where a file is read

    yaml = YAML(typ="rt")
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = _WIDTH
    return yaml


def _composed(path: str, text: str) -> Any:
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    from ejtui.cluster.administration.scanner import composed

    if text.count("[") + text.count("{") - text.count("]") - text.count("}") > _MOST_BRACKETS:
        raise BadFile(path, 0, "its values lie too deep in each other; write it with fewer levels")
    try:
        with warnings.catch_warnings():
            # A warning has the line in it, and with that perhaps a secret.
            warnings.simplefilter("ignore")
            return composed(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        before = text[: mark.index] if mark else text
        line = before.count("\n") + 1 if mark else 0
        raise BadFile(path, line, _why(error) + _separated(before)) from None
    except YAMLError:
        line = _unreadable_line(text)
        why = "it has a character that YAML does not allow; remove it"
        raise BadFile(path, line, why) from None
    except RecursionError:
        raise BadFile(
            path, 0, "its values lie too deep in each other; write it with fewer levels"
        ) from None


def _separated(before: str) -> str:
    """Names a separator before what is no YAML, "" without one: editors do not show it."""
    for index, each in enumerate(before):
        if each in _SEPARATORS:
            return (
                f". Line {before.count(chr(10), 0, index) + 1} has a separator of lines or "
                "paragraphs (U+2028, U+2029), which can be why: write a blank in its place"
            )
    return ""


def _why(error: Any) -> str:
    from ejtui.cluster.administration.scanner import TAB

    if error.problem == TAB:
        return "a tab indents this line; YAML wants blanks"
    if error.context == "while scanning a tag" and r"'\t'" in str(error.problem):
        return "a tab follows a tag (`!…`); write a blank there"
    problem = str(error.problem or error.context or "it is no YAML").splitlines()[0]
    if "another document" in problem:
        return "a second document begins there; ejabberd reads one, without `---` in the middle"
    # A password without quotes can begin with *, & or !.
    problem = re.sub(r"(alias|anchor|tag|handle) (?:'.*'|\".*\")", r"\1", problem)
    return f"it is no YAML: {problem}; check the indentation, the quotes and the brackets above"


def _unreadable_line(text: str) -> int:
    for number, line in enumerate(text.splitlines(), 1):
        if any(ord(each) < 32 and each != "\t" for each in line) or "\x7f" in line:
            return number
    return 0


def _refuse_duplicates(path: str, node: Any, seen: set[int], depth: int) -> None:
    """ejabberd takes one of two values for a key, and which one differs by option."""
    if id(node) in seen or node.id == "scalar" or depth > 100:
        return
    seen.add(id(node))
    lines: dict[str, int] = {}
    for key, value in pairs(node):
        line = key.start_mark.line + 1
        if not isinstance(key.value, str):
            raise BadFile(path, line, "the name of an option is a word there, not a list")
        if key.value in lines:
            raise BadFile(
                path,
                line,
                f"{key.value} is there twice, also in line {lines[key.value]}; keep one",
            )
        lines[key.value] = line
        _refuse_duplicates(path, value, seen, depth + 1)
    for each in node.value if node.id == "sequence" else ():
        _refuse_duplicates(path, each, seen, depth + 1)


class _Reading:
    """Makes values of nodes; a file of aliases that grow without end is refused."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text
        self._count = 0

    def value(self, node: Any) -> Value:
        self._count += 1
        if self._count > _MOST_VALUES:
            raise BadFile(self._path, 0, f"it holds more than {_MOST_VALUES} values")
        if node.id == "scalar":
            return Scalar(self._word(node), node.style, str(node.tag))
        if node.id == "sequence":
            return tuple(self.value(each) for each in node.value)
        return {cast("Scalar", self.value(key)): self.value(each) for key, each in pairs(node)}

    def _word(self, node: Any) -> str:
        """What ejabberd reads there."""
        line = node.start_mark.line + 1
        there = self._text[node.start_mark.index : node.end_mark.index]
        if node.style not in ("|", ">"):
            there = there.rstrip(_SEPARATORS)
        separated = any(each in there for each in _SEPARATORS)
        if separated and node.style in ("'", '"'):
            from ejtui.cluster.administration.scanner import quoted

            return quoted(there)
        if separated:
            raise BadFile(
                self._path, line, "a separator of lines or paragraphs (U+2028, U+2029) is within a "
                'text there; write it as \\u2028 between double quotes'
            )  # fmt: skip
        text = str(node.value)
        if any("\ud800" <= each <= "\udfff" for each in text):
            raise BadFile(self._path, line, "an escape there stands for no character (\\ud800 …)")
        return text


def _node(value: Value) -> Any:
    from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

    if isinstance(value, Scalar):
        return ScalarNode(value.tag, value.text, style=value.style)
    if isinstance(value, dict):
        inner = [(_node(key), _node(each)) for key, each in value.items()]
        return MappingNode("tag:yaml.org,2002:map", inner, flow_style=not inner)
    items = [_node(each) for each in value]
    return SequenceNode("tag:yaml.org,2002:seq", items, flow_style=not items)
