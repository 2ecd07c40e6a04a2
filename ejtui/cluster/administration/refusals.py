"""What ejabberd and Erlang print on an error, as far as it can hold no value of ejabberd.yml. Pure.

Only the sentences that are known here are shown, each without the value that it repeats; of
anything else its kind. The journal and the screen get nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ejtui.cleaning import clean
from ejtui.cluster.administration.secrecy import HIDDEN, SECRET_NAMES, without_forms

NOT_SHOWN = "what it printed may hold values of the file, and is not shown"

_SENTENCES = (
    "Unknown option: %o",
    "unknown %q: %m",
    "module %m depends on module %m, which is not found in the config",
    "Missing required option: %o",
    "Duplicated option: %o",
    "Option '%o' is not allowed in this context",
    "Unexpected value: %v",
    "Unexpected timeout unit: %v",
    "Timeout must not be shorter than one %o",
    "The value must not exceed %n octets in length",
    "Expected integer from %n to %n, got: %v",
    "Expected %q or '%o', got %t instead",
    "Expected %q or '%o', got: %v",
    "Expected number >= %n, got: %v",
    "Expected %q, got %t instead",
    "Expected %q, got: %v",
    "Failed to read YAML file '%y': Syntax error on line %n at position %n: %w",
    "Failed to read YAML file '%y': %w",
    "Syntax error on line %n at position %n: %w",
    "Failed to read PEM file '%v': %w",
    "Failed to read file '%v': %w",
    "Failed to read directory '%v': %w",
    "Failed to create directory '%v': %w",
    "Failed to open file '%v' for writing: %w",
    "Circularly included YAML file: %v",
    "Circularly defined macro: %v",
    "Duplicated macro: %v",
    "Duplicated key: %v",
    "Duplicated value: %v",
    "Empty string is not allowed",
    "Empty list is not allowed",
    "Invalid Base64 string",
    "Invalid %q: %v",
    "Missing port in the URL: %v",
    "Empty hostname in the URL: %v",
    "Unsupported scheme '%v' in the URL: %v",
    "String '%v' doesn't match regular expression: %v",
    "unsupported database: %v",
    "Unknown module: %m",
    "'%m' is not a %q",
    "'%m' doesn't match any known %q",
    "third-party %q '%m' doesn't export function %o/%n",
    "Overlapping listeners found at %a and %a",
    "Overlapping listeners found at %a",
    "Cannot merge value of option '%o' defined in append_host_config",
    "ejabberd is built without image converter support",
    "No valid JWT key found in file: %v",
    "a module start failed",
    "Failed RPC connection to the node %v: %w",
    "No such file or directory",
    "Permission denied",
    "No space left on device",
    "Cannot allocate memory",
)
"""As ejabberd and its libraries have them. What stands for a %v is never shown, nor is another
place that has not the form of one: %o a name, %m a module, %n a number, %t a kind of value, %w and
%q fixed words, %y a YAML file, %a an address with its port."""

_PLACES = {
    "v": r"(?P<v>.*?)",
    "o": r"(?:[a-z]+(?:_[a-z0-9]+)*(?=['\s,./]|$)|(?P<v>.+?))",
    "m": r"(?:(?:mod|ejabberd)_[a-z0-9_]+(?=['\s,.]|$)|(?P<v>.+?))",
    "n": r"(?:-?\d+|(?P<v>\S+?))",
    "t": r"(?:(?:empty )?(?:string|list|integer|number|map)(?= instead)|(?P<v>.+?))",
    "y": r"(?:/[\w./-]+\.ya?ml|(?P<v>.+?))",
    "a": r"(?:[\d.:a-f\[\]]+|(?P<v>.+?))",
    "w": r"[A-Za-z' -]{1,90}",
    "q": r"[A-Za-z0-9 ]{1,60}?",
}
_DID_YOU_MEAN = re.compile(
    r"\. Did you mean \w+\?(?: (?:Available options|Possible values) are: \w+(?:, \w+)*)?"
)


def _compiled(sentence: str) -> re.Pattern[str]:
    pieces = re.split(r"%([a-z])", sentence)
    texts = [re.escape(each) for each in pieces[::2]]
    places = [_PLACES[each].replace("?P<v>", f"?P<v{at}>") for at, each in enumerate(pieces[1::2])]
    joined = texts[0] + "".join(a + b for a, b in zip(places, texts[1:], strict=True))
    ends = not pieces[-1] and pieces[-2:-1] != ["a"]
    return re.compile(rf"{joined}(?=\. |$)" if ends and len(pieces) > 1 else joined)


_KNOWN = tuple(map(_compiled, _SENTENCES))

_PLACE = re.compile(r"Invalid value of option (?P<names>.*?): |Configuration error: ")
_BEFORE = re.compile(r"(?:(?:Error|error|[A-Z][\w -]{3,60}): +\"?)*")
_PLAIN = re.compile(r"[a-z]+(?:_[a-z0-9]+)*|\d{1,4}")
_DEEP = 3
"""So many names lead to an option of a module; those below may be chosen by people."""

_KINDS = {
    "no case clause matching": "case_clause",
    "no match of right hand side": "badmatch",
    "no function clause matching": "function_clause",
    "no try clause matching": "try_clause",
    "no true branch": "if_clause",
    "bad argument": "badarg",
    "undefined function": "undef",
}
_TERM = (
    r"case_clause|badmatch|function_clause|try_clause|if_clause|badarg|badarith|badkey|badmap|"
    r"badfun|badrecord|bad_return_value|undef|nocatch|noproc|system_limit"
)
_CRASH = re.compile(rf"(?P<words>{'|'.join(_KINDS)})|\{{(?P<term>{_TERM})\b|\b(?P<plain>{_TERM})$")

_OF_CONFIG = re.compile(
    r"Invalid value of option|Configuration error|YAML file|during configuration processing|"
    r"Failed to start ejabberd application: |reload aborted: "
)
_ENTRY = re.compile(r"\d{4}-\d\d-\d\d[ T]|=[A-Z]+ REPORT====")
_KEPT = re.compile(
    r"\b(?:eacces|enoent|enospc|erofs|eexist|eaddrinuse|econnrefused|nodedown|timeout|no_exists|"
    r"node_not_running|application_master:init)\b"
)
"""Words of Erlang's and Mnesia's that show why, and that no value is shown with."""
_BINARY = re.compile(r'<<"(?:[^"\\]|\\.)*"(?:/utf8)?>>|<<\d+(?:,\d+)*>>')
_PAIR = re.compile(
    r"(?P<name>'?[\w-]+'?|\"[\w-]+\")(?P<to>\s*(?:,|=>|=|:)\s*)"
    r"(?P<value>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|<<[^>]*>>|\[[^\]]*\]|[^\s,;}\]]+)"
)
_SECRET = re.compile(SECRET_NAMES, re.I)


def reported(text: str) -> str:
    """Why ejabberd refuses its file, from what it printed; "" for nothing."""
    text = " ".join(clean(text, lines=True).split())
    if not text:
        return ""
    if kind := _crash(text):
        return f"it crashed ({kind}); {NOT_SHOWN}"
    place = _PLACE.search(text)
    if place is None:
        return _sentence(text) or _sentence(text[_end(text) :]) or NOT_SHOWN
    names = _names(place["names"]) if place["names"] else ""
    head = f"Invalid value of option {names}" if names else "Configuration error"
    return f"{head}: {_sentence(text[place.end() :]) or NOT_SHOWN}"


def logged(text: str) -> str:
    """Lines of ejabberd's log without values of its file; a long term ends at its kind."""
    return "\n".join(_log_lines(text.splitlines()))


def _log_lines(lines: list[str]) -> Iterator[str]:
    cut = False
    for line in lines:
        if cut and not _ENTRY.match(line):
            continue
        # What follows on lines of the same message is the rest of the term.
        cut = bool(_OF_CONFIG.search(line) or _CRASH.search(line))
        yield _log_line(line)


def _log_line(line: str) -> str:
    if found := _OF_CONFIG.search(line):
        begin = found.end() if found[0].endswith(": ") else found.start()
        return f"{line[:begin]}{reported(line[begin:]) or HIDDEN}"
    if found := _CRASH.search(line):
        kept = dict.fromkeys(_KEPT.findall(line, found.end()))
        cut = [HIDDEN, *kept] if found.end() < len(line) else []
        line = " ".join([line[: found.end()], *cut])
    line = _BINARY.sub(f'<<"{HIDDEN}">>', line)
    return without_forms(_PAIR.sub(_pair, line))


def _pair(found: re.Match[str]) -> str:
    """A value that a secret's name stands before; a word that shows why is none."""
    if _KEPT.match(found["value"]) or not _SECRET.search(found["name"].strip("'\"")):
        return found[0]
    return f"{found['name']}{found['to']}{HIDDEN}"


def _crash(text: str) -> str:
    found = _CRASH.search(text)
    if found is None:
        return ""
    return _KINDS.get(found["words"] or "") or found["term"] or found["plain"]


def _end(text: str) -> int:
    before = _BEFORE.match(text)
    return before.end() if before else 0


def _names(text: str) -> str:
    """The names of options that lead to a value; what people choose is hidden."""
    names = text.split("->")
    shown = [
        name if _PLAIN.fullmatch(name) and index < _DEEP else HIDDEN
        for index, name in enumerate(names)
    ]
    return "->".join(shown)


def _sentence(text: str) -> str:
    for pattern in _KNOWN:
        if found := pattern.match(text):
            more = _DID_YOU_MEAN.match(text, found.end())
            return _without_values(found) + (more[0] if more else "")
    return ""


def _without_values(found: re.Match[str]) -> str:
    shown, end = "", found.start()
    for name in found.re.groupindex:
        start, stop = found.span(name)
        if start >= 0:
            shown += f"{found.string[end:start]}{HIDDEN}"
            end = stop
    return shown + found.string[end : found.end()]
