"""YAML as ejabberd's own library (libyaml) reads it, where ruamel.yaml reads something else.

Import it only where a file is read: ruamel.yaml takes a fifth of a second.
"""

from __future__ import annotations

import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.scanner import Scanner, ScannerError

TAB = "found a tab in the indentation"
"""The problem of an error about a tab where YAML wants blanks."""

_BREAKS = "\r\n\x85\u2028\u2029"
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_STRING = "tag:yaml.org,2002:str"


class TabScanner(Scanner):
    """Takes a tab between tokens, within a text and in brackets, as libyaml does.

    It keeps no comments: ruamel.yaml does not take each of them at each place.
    """

    def scan_to_next_token(self) -> None:
        """A tab is skipped where no option can begin."""
        while True:
            super().scan_to_next_token()
            if self.reader.peek() != "\t":
                return
            if not self.flow_level and self.allow_simple_key:
                raise ScannerError(None, None, TAB, self.reader.get_mark())
            self.reader.forward()

    def scan_plain_spaces(self, indent: Any, start_mark: Any) -> Any:
        """What is between two words of a text without quotes, which may go on in the next line."""
        reader = self.reader
        blanks, breaks, leading = "", [], False
        while reader.peek() in f" \t{_BREAKS}":
            if reader.peek() in _BREAKS:
                breaks.append(self.scan_line_break())
                leading = self.allow_simple_key = True
                if reader.prefix(3) in ("---", "...") and reader.peek(3) in f"\0 \t{_BREAKS}":
                    return None
                continue
            if leading and reader.column < indent and reader.peek() == "\t":
                raise ScannerError("while scanning a plain scalar", start_mark, TAB,
                                   reader.get_mark())  # fmt: skip
            blanks += "" if leading else reader.peek()
            reader.forward()
        if not leading:
            return [blanks] if blanks else []
        first, *rest = breaks
        kept = [] if first == "\n" else [first]
        return [*kept, *rest] if kept or rest else [" "]


class AliasesAreWords(Composer):
    """ejabberd knows no alias: `*name` is the text `name`, and `&name` is nothing."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """The node of the next event; that of an alias is a word."""
        event = self.parser.peek_event()
        if event.anchor is not None and not _NAME.fullmatch(event.anchor):
            raise ComposerError(None, None, "the name of an anchor or alias", event.start_mark)
        if not self.parser.check_event(AliasEvent):
            return super().compose_node(parent, index)
        self.parser.get_event()
        return ScalarNode(_STRING, event.anchor, event.start_mark, event.end_mark)


def composed(text: str) -> Any:
    """The nodes of a file, None for an empty one. Raises ruamel's YAMLError, RecursionError."""
    # libyaml ends a line there, too.
    return _nodes(text.translate(dict.fromkeys(map(ord, "\x85\u2028\u2029"), "\n")))


def quoted(text: str) -> str:
    """What a text in quotes stands for, with the separators of lines that are in it."""
    return str(_nodes(text).value)


def _nodes(text: str) -> Any:
    yaml = YAML(typ="safe", pure=True)
    yaml.Scanner, yaml.Composer = TabScanner, AliasesAreWords
    return yaml.compose(text)
