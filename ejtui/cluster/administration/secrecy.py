"""What of an ejabberd.yml must not be shown: by the place of a value, and by its form. Pure.

This is the one list: the diff, `--set`, the questions and the probe all follow it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import Enum

from ejtui.cluster.administration.written import APPEND, HOST, KEYWORDS, MACROS

HIDDEN = "***"

LONG_ENOUGH = 6
"""A known secret of so many characters is hidden wherever it stands: a shorter one is any word."""

_BEFORE = r"(?:^|[^a-z]|(?-i:(?<=[a-z0-9])(?=[A-Z])))"
_AFTER = r"(?:$|[^a-z]|(?-i:(?=[A-Z])))"
_NOT_AT_THE_END = (
    "format|strength|protected|name|seconds|expir[a-z]*|lifetime|life_time|ttl|timeout|size|length|type|method|"
    "algorithm|field|required|enabled|age|interval|limit|count|max|min|rules?|access|file|path|dir|directory"
)

SECRET_NAMES = (
    rf"(?s)^(?!(?:max|min)_|.*password_types|.*[_-](?:{_NOT_AT_THE_END})$)(?:.*?)(?:"
    r"password|passwd|passphrase|passcode|secret|token|credential|cookie|authorization|bearer|"
    rf"signature|auth_opts|(?<!by)(?<!com)pass{_AFTER}|pwd{_AFTER}|keys?{_AFTER}|jwt$|"
    rf"{_BEFORE}(?:pw|psk|pins?|otp|salt|sig|creds?){_AFTER})"
)
"""A regular expression of Python's and of Erlang's, case ignored: an option so named is secret."""

_SECRET = re.compile(SECRET_NAMES, re.I)
_DECIDES = re.compile(
    r"(?:^|_)(?:access|rules?|admins?|allow(?:ed)?|permissions?|affiliations?)(?:_|$)", re.I
)
_RIGHTS = frozenset(
    {
        *("acl", "access", "access_rules", "api_permissions", "shaper", "shaper_rules", "hosts"),
        *("auth_method", "auth_password_format", "anonymous_protocol", "trusted_proxies"),
        *("disable_sasl_mechanisms", "jwt_jid_field", "default_db", "default_ram_db"),
        *("ldap_servers", "ldap_base", "ldap_uids", "ldap_filter", "ldap_rootdn"),
        *("sql_username", "sql_database", "sql_type"),
    }
)
"""Options of the whole node or of a virtual host: they and all below them decide who may do what.
"""
_SHOWN = frozenset(
    {
        *("host", "hosts", "extra_domains", "plugins", "module", "ip", "port", "db_type"),
        *("auth_method", "ldap_servers", "ldap_base", "ldap_uids", "ldap_filter", "ldap_rootdn"),
    }
)
"""The same of modules and listeners, where nothing is below them."""
_CHOSEN = frozenset({"hosts", "request_handlers"})
"""What is below these has names that people choose: hosts, paths."""

_SEVERAL = re.compile(r"(?:keys|tokens|secrets|passwords|cookies|pins)$", re.I)
_HEADERS = re.compile(r"(?:^|[_-])headers?$", re.I)
_PLAIN_HEADER = re.compile(
    r"(?:Access-Control|Content|Cache|Strict-Transport|Referrer|X-Frame|X-Content|X-XSS)-|Accept$|"
    r"Server$",
    re.I,
)
_PROGRAM = re.compile(r"(?:^|_)(?:program|cmd|command)$", re.I)

_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "none", "undefined", "null"})

_PEM = "-----BEGIN "
_AUTHORITY = re.compile(r"(://)([^/\s?#\"']*)")
_PLACEHOLDER = re.compile(r"@[A-Z0-9_]+@")
_NAME = re.compile(r"([A-Za-z][\w.-]*)\s*=\s*")
_VALUE = re.compile(r"\{[^}]*\}|\"[^\"]*\"|'[^']*'|[^;&]*")
_HEADER = re.compile(r"\s*([\w-]+)(\s*:\s*)(\S.*)", re.S)
_SCHEME = re.compile(r"\b((?:Bearer|Basic)\s+)(\S{6,})", re.I)


class Place(Enum):
    """What stands at a place of the file."""

    RIGHTS = "rights"
    """It decides who may do what: always shown."""
    SECRET = "secret"  # noqa: S105 - no secret itself
    PROGRAM = "program"
    """A program is shown, and what it gets on its command line is not."""
    OTHER = "other"


def place(keys: Sequence[str]) -> Place:
    """What stands below these names, from the option's own on."""
    names, of_node = _own_names(tuple(keys))
    if of_node and names and names[0] in _RIGHTS:
        return Place.RIGHTS
    for index, name in enumerate(names):
        if index and names[index - 1] in _CHOSEN:
            continue
        if index and _HEADERS.search(names[index - 1]):
            return Place.OTHER if _PLAIN_HEADER.match(name) else Place.SECRET
        if _SECRET.search(name):
            return Place.SECRET
        if _DECIDES.search(name):
            return Place.RIGHTS
    return _of_last(names)


def _of_last(names: Sequence[str]) -> Place:
    last = names[-1] if names else ""
    if last in _SHOWN or "request_handlers" in names[-2:-1]:
        return Place.RIGHTS
    if _HEADERS.search(last):
        return Place.SECRET
    return Place.PROGRAM if _PROGRAM.search(last) else Place.OTHER


def _own_names(keys: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """The names without those of hosts and modules; whether they begin with an option of a node."""
    if keys[:1] in ((HOST,), (APPEND,)):
        keys = keys[2:]
    if keys[:1] in ((MACROS,), (KEYWORDS,)) and len(keys) > 2:
        keys = keys[2:]
    if keys[:1] == ("modules",):
        return keys[2:], False
    if keys and keys[0].startswith("mod_"):
        return keys[1:], False
    return keys, True


def secret_parts(keys: Sequence[str], text: str) -> frozenset[str]:
    """What of the value below these names must not be shown."""
    return frozenset(_concealed(keys, text)[1])


def concealed(keys: Sequence[str], text: str, known: Collection[str] = ()) -> str:
    """The value as it may be shown; `known` are secrets of other places."""
    shown, _ = _concealed(keys, text)
    if shown == HIDDEN or place(keys) is Place.RIGHTS:
        return shown
    if _defines(keys) and text in known:
        return HIDDEN
    return without(shown, (each for each in known if len(each) >= LONG_ENOUGH))


def _defines(keys: Sequence[str]) -> bool:
    return bool(keys) and keys[0] in (MACROS, KEYWORDS)


def names_are_secret(keys: Sequence[str]) -> bool:
    """Whether the names below these may be keys or tokens themselves."""
    return bool(keys) and place(keys) is Place.SECRET and bool(_SEVERAL.search(keys[-1]))


def is_secret_name(name: str) -> bool:
    """Whether an option, or a word of a comment, names a secret."""
    return bool(_SECRET.search(name))


def without(text: str, secrets: Iterable[str]) -> str:
    """The text without these."""
    for each in sorted(secrets, key=len, reverse=True):
        text = text.replace(each, HIDDEN)
    return text


def without_forms(text: str) -> str:
    """The text without what is a secret by its form: a key, an address's or a pair's password."""
    return _by_form(text, [])


def _concealed(keys: Sequence[str], text: str) -> tuple[str, list[str]]:
    where = place(keys)
    if not text or where is Place.RIGHTS:
        return text, []
    if where is Place.SECRET:
        return (text, []) if text.lower() in _WORDS else (HIDDEN, [text])
    if where is Place.PROGRAM:
        program, _, rest = text.strip().partition(" ")
        return (f"{program} {HIDDEN}", [rest.strip()]) if rest.strip() else (text, [])
    parts: list[str] = []
    return _by_form(text, parts), parts


def _by_form(text: str, parts: list[str]) -> str:
    if _PEM in text:
        parts.append(text)
        return HIDDEN
    text = _AUTHORITY.sub(lambda found: found[1] + _authority(found[2], parts), text)
    text = _pairs(text, parts)
    text = _SCHEME.sub(lambda found: found[1] + _cut(found[2], parts), text)
    header = _HEADER.fullmatch(text)
    if header and _SECRET.search(header[1]):
        return text[: header.start(3)] + _cut(header[3], parts)
    return text


def _pairs(text: str, parts: list[str]) -> str:
    """`PWD=…` of a database's name, `apikey=…` of an address, `--password=…` of a command."""
    shown, end = "", 0
    for found in _NAME.finditer(text):
        if found.start() >= end and _SECRET.search(found[1]):
            value = _VALUE.match(text, found.end())
            if value and value[0].strip():
                shown += text[end : found.end()] + _cut(value[0], parts)
                end = value.end()
    return shown + text[end:]


def _cut(value: str, parts: list[str]) -> str:
    if HIDDEN not in value:
        parts.append(value)
    return HIDDEN


def _authority(text: str, parts: list[str]) -> str:
    """A user or a token before a host's name; words between @ stand for something else."""
    begins = ":" in text.partition("@")[0]
    spans = [] if begins else [found.span() for found in _PLACEHOLDER.finditer(text)]
    at = [index for index in range(len(text)) if text[index] == "@"]
    outside = [each for each in at if not any(start <= each < end for start, end in spans)]
    if not outside:
        return text
    before, after = text[: outside[-1]], text[outside[-1] :]
    user, colon, password = before.partition(":")
    if not colon:
        return _cut(user, parts) + after
    return f"{user}:{_cut(password, parts)}{after}" if password else text


def words_of(text: str) -> Iterator[str]:
    """The words in a comment, as names of options have them."""
    return (found[0] for found in re.finditer(r"[A-Za-z][\w-]*", text))
