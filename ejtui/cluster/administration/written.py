"""What an ejabberd.yml and the files that it includes set, with macros in their places."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ejtui.cluster.administration.document import BadFile, Document, Scalar, Value

INCLUDE, MACROS, KEYWORDS = "include_config_file", "define_macro", "define_keyword"
HOST, APPEND = "host_config", "append_host_config"
FILE_ONLY = frozenset({INCLUDE, MACROS, KEYWORDS})
"""What is about the file itself: never compared, never taken."""

MOST_FILES = 100

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")

Read = Callable[[str], Awaitable[str]]
"""The text of a file on a host. Raises BadFile where it cannot be read."""


@dataclass(frozen=True)
class Placed:
    """One option of one file, its macros replaced."""

    document: Document
    value: Value


@dataclass(frozen=True)
class Written:
    """The file at `main` with all that it includes. `options` has each by its name.

    `macros` has the names of those that ejabberd's environment or a file defines, `words` these and
    the keywords. `expands`: the release puts them between @ into texts, too.
    """

    main: Document
    options: Mapping[str, Sequence[Placed]]
    macros: Mapping[str, Value] = field(default_factory=dict)
    documents: tuple[Document, ...] = ()
    words: Mapping[str, Value] = field(default_factory=dict)
    expands: bool = True

    def value(self, keys: Sequence[str]) -> Value | None:
        """What ejabberd reads below these keys, from all files; None where nothing is set."""
        found = [each.value for each in self.options.get(keys[0], ())]
        if not found:
            return None
        here: Value | None = _merged(found)
        for key in keys[1:]:
            here = here.get(Scalar(key)) if isinstance(here, dict) else None
        return here

    def own(self, key: str) -> Value | None:
        """The same of an option, from the file at `main` alone."""
        found = [each.value for each in self.options.get(key, ()) if each.document is self.main]
        return _merged(found) if found else None

    def places(self, keys: Sequence[str]) -> list[Document]:
        """The files that set it."""
        return [
            each.document
            for each in self.options.get(keys[0], ())
            if _below(each.value, keys[1:]) is not None
        ]

    def hosts(self, scope: str) -> list[str]:
        """The virtual hosts that have separate options, in host_config or what appends to it."""
        found = self.value((scope,))
        return [key.text for key in found] if isinstance(found, dict) else []


async def read_written(
    path: str,
    read: Read,
    *,
    directory: str = "/",
    environment: Mapping[str, str] | None = None,
    expands: bool = True,
    more: Sequence[str] = (),
) -> Written:
    """The file and what it includes, as ejabberd reads them. Raises BadFile.

    `directory` is what relative names start from; `environment` has the values of macros that
    ejabberd's own environment defines (EJABBERD_MACRO_NAME), by NAME. `expands`: the release puts
    macros between @ into texts. `more` are files of others' modules that ejabberd reads, too.
    """
    given = {name: _of_environment(text) for name, text in (environment or {}).items()}
    documents: list[Document] = []
    options: dict[str, list[Placed]] = {}
    scopes = []
    for each in dict.fromkeys((path, *more)):
        document = Document(each, await read(each))
        documents.append(document)
        found: list[tuple[Document, str, Value]] = []
        await _collect(document, read, directory, found, documents, (each,))
        # A macro counts for its file, and what that includes.
        scopes.append(scope := _scope(found, given, expands=expands))
        for place, name, value in found:
            if name not in FILE_ONLY:
                resolved = _resolved(value, scope, (), place)
                options.setdefault(name, []).append(Placed(place, resolved))
    main = scopes[0]
    return Written(
        documents[0], options, main.macros, tuple(documents), main.words, expands=expands
    )


@dataclass(frozen=True)
class _Scope:
    """What a file and those that it includes put other values in place of, by name."""

    macros: Mapping[str, Value]
    words: Mapping[str, Value]
    expands: bool


def _scope(
    found: Sequence[tuple[Document, str, Value]], given: Mapping[str, Value], *, expands: bool
) -> _Scope:
    macros = {**_macros(found), **given}
    return _Scope(macros, {**_keywords(found), **macros}, expands)


def _of_environment(text: str) -> Value:
    """A text, also without quotes; only a number is none."""
    value = Document("environment", f"value: {text}\n").values[Scalar("value")]
    if isinstance(value, Scalar) and not value.style and not _NUMBER.fullmatch(value.text):
        return Scalar(value.text, '"')
    return value


async def _collect(
    document: Document,
    read: Read,
    directory: str,
    found: list[tuple[Document, str, Value]],
    documents: list[Document],
    above: tuple[str, ...],
) -> None:
    for key, value in document.values.items():
        if key.text != INCLUDE:
            found.append((document, key.text, value))
            continue
        line = document.line(INCLUDE)
        for name, allowed, disallowed in _includes(document, value, line):
            path = posixpath.normpath(posixpath.join(directory, name))
            if path in above:
                raise BadFile(
                    document.path, line, f"it includes {path}, which includes it; take one out"
                )
            if len(documents) >= MOST_FILES:
                raise BadFile(document.path, line, f"more than {MOST_FILES} files are included")
            try:
                inner = Document(path, await read(path))
            except BadFile as error:
                if error.path == path and not error.line:
                    raise BadFile(document.path, line, f"it includes {error}") from None
                raise
            documents.append(inner)
            within: list[tuple[Document, str, Value]] = []
            await _collect(inner, read, directory, within, documents, (*above, path))
            found += [
                each
                for each in within
                if (each[1] in allowed if allowed else each[1] not in disallowed)
            ]


def _includes(
    document: Document, value: Value, line: int
) -> list[tuple[str, frozenset[str], frozenset[str]]]:
    """Names of files, each with its allow_only and disallow."""
    nothing: frozenset[str] = frozenset()
    if isinstance(value, Scalar):
        return [(value.text, nothing, nothing)]
    if isinstance(value, tuple):
        return [each for item in value for each in _includes(document, item, line)]
    found = []
    for name, limits in value.items():
        if isinstance(limits, Scalar) and not limits.text:
            limits = {}
        if not isinstance(limits, dict) or {key.text for key in limits} - {
            "allow_only",
            "disallow",
        }:
            raise BadFile(
                document.path, line, f"{name} wants allow_only or disallow, each with a list"
            )
        known = {key.text: _words(each) for key, each in limits.items()}
        found.append((name.text, known.get("allow_only", nothing), known.get("disallow", nothing)))
    return found


def _words(value: Value) -> frozenset[str]:
    items = value if isinstance(value, tuple) else (value,)
    return frozenset(each.text for each in items if isinstance(each, Scalar))


def _macros(found: Sequence[tuple[Document, str, Value]]) -> dict[str, Value]:
    macros: dict[str, Value] = {}
    for document, name, value in found:
        if name != MACROS:
            continue
        if not isinstance(value, dict):
            raise BadFile(document.path, document.line(MACROS), "it wants `NAME: value` below it")
        for key, each in value.items():
            if key.text in macros:
                line = document.line(MACROS, key.text)
                raise BadFile(document.path, line, f"the macro {key} is defined twice; keep one")
            macros[key.text] = each
    return macros


def _keywords(found: Sequence[tuple[Document, str, Value]]) -> dict[str, Value]:
    """Those of the whole node, then those of virtual hosts: a name of several has one of them."""
    here = [value for _, name, value in found if name == KEYWORDS]
    of_hosts = [
        options[Scalar(KEYWORDS)]
        for _, name, value in found
        if name in (HOST, APPEND) and isinstance(value, dict)
        for options in value.values()
        if isinstance(options, dict) and Scalar(KEYWORDS) in options
    ]
    return {
        key.text: each
        for value in (*of_hosts, *here)
        if isinstance(value, dict)
        for key, each in value.items()
    }


def _resolved(value: Value, scope: _Scope, within: tuple[str, ...], document: Document) -> Value:
    """The value with what macros stand for. Raises BadFile where they stand for each other."""
    if isinstance(value, dict):
        return {key: _resolved(each, scope, within, document) for key, each in value.items()}
    if isinstance(value, tuple):
        return tuple(_resolved(each, scope, within, document) for each in value)
    macros, words = scope.macros, scope.words
    if value.text in macros:
        if value.text in within:
            raise BadFile(
                document.path, 0, f"the macro {value} stands for itself; define its value"
            )
        return _resolved(macros[value.text], scope, (*within, value.text), document)
    if value.style is None and value.text in words and value.text == value.text.upper():
        # A keyword alone, where it is not quoted.
        inner = {name: each for name, each in words.items() if name != value.text}
        return _resolved(words[value.text], _Scope({}, inner, scope.expands), within, document)
    return _expanded(value, scope) if scope.expands else value


def _expanded(value: Scalar, scope: _Scope) -> Scalar:
    """Words between @ within a text: macros where it is quoted, and what stands for texts alone."""
    text = value.text
    for name, each in scope.words.items() if "@" in text else ():
        if not (isinstance(each, Scalar) and each.style) or f"@{name}@" not in text:
            continue
        if name in scope.macros and not value.style:
            continue
        left = {key: other for key, other in scope.words.items() if key != name}
        inner = _expanded(each, _Scope(scope.macros, left, expands=True))
        text = text.replace(f"@{name}@", inner.text)
    return value if text == value.text else Scalar(text, value.style, value.tag)


def _merged(values: Sequence[Value]) -> Value:
    """Lists and mappings of several files are one; of anything else, ejabberd takes one alone."""
    first = values[0]
    for each in values[1:]:
        if isinstance(first, dict) and isinstance(each, dict):
            first = {**first, **{key: value for key, value in each.items() if key not in first}}
        elif isinstance(first, tuple) and isinstance(each, tuple):
            first = (*first, *each)
    return first


def _below(value: Value, keys: Sequence[str]) -> Value | None:
    here: Value | None = value
    for key in keys:
        here = here.get(Scalar(key)) if isinstance(here, dict) else None
    return here
