"""Values of first's that second's file would read as something else: its macros and keywords.

ejabberd replaces a whole word that a macro is named after, however it is quoted, and a name between
@ within a text. No way of writing keeps such a value as it is. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ejtui.cluster.administration.document import Document, Value, scalars, value_below
from ejtui.cluster.administration.edits import Edit
from ejtui.cluster.administration.secrecy import Place, place, secret_parts, shown_names
from ejtui.cluster.administration.written import APPEND, HOST, KEYWORDS, MACROS, Written


def why_replaced(second: Written, edits: Sequence[Edit]) -> str:
    """Why second's ejabberd would read another value than these edits write, "" where it would not.

    It names the macro or keyword, and where it is defined; the value itself may be a secret.
    """
    for edit in edits:
        for keys, text in _texts(edit):
            for name in second.words:
                if text == name or (second.expands and f"@{name}@" in text):
                    return _why(second, keys, name, hidden=_is_hidden(keys, text))
    return ""


def _is_hidden(keys: tuple[str, ...], text: str) -> bool:
    return bool(secret_parts(keys, text)) or place(keys) is Place.UNKNOWN


def _why(second: Written, keys: tuple[str, ...], name: str, *, hidden: bool) -> str:
    """Of a secret not even the macro's name is shown: it may be all of it."""
    what = "the name of a macro or keyword" if hidden else name
    where = "second's file or environment defines it" if hidden else _defined(second, name)
    return (
        f"first's value of {shown_names(keys)} has {what} in it, and second's ejabberd would put "
        f"another value in its place: {where}. Give that another name there, or set the option by "
        "hand"
    )


def _texts(edit: Edit) -> Iterator[tuple[tuple[str, ...], str]]:
    values: tuple[Value, ...] = edit.items if edit.value is None else (edit.value, *edit.items)
    for value in values:
        for keys, scalar in scalars(value, edit.keys):
            yield keys, scalar.text


def _defined(second: Written, name: str) -> str:
    for document in second.documents:
        for kind, keys in _kinds(document):
            if value_below(document.values, (*keys, name)) is not None:
                line = document.line(*keys, name)
                return f"{document.path}, line {line}, defines the {kind} {name}"
    return f"its environment defines the macro {name} (EJABBERD_MACRO_{name})"


def _kinds(document: Document) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "macro", (MACROS,)
    yield "keyword", (KEYWORDS,)
    for scope in (HOST, APPEND):
        hosts = value_below(document.values, (scope,))
        for host in hosts if isinstance(hosts, dict) else ():
            yield "keyword", (scope, host.text, KEYWORDS)
