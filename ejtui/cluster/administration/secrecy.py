"""What of an ejabberd.yml must not be shown: by the place of a value, and by its form. Pure.

This is the one list: the diff, `--set`, the questions and the probe all follow it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import Enum

from ejtui.cluster.administration.known_options import (
    LISTENER_OPTIONS,
    MODULE_OPTIONS,
    MODULES,
    OPTIONS,
)
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

_RULE_WORDS = frozenset(
    {
        *("allow", "deny", "acl", "access", "all", "none", "user", "server", "resource", "ip"),
        *("user_regexp", "server_regexp", "node_regexp", "resource_regexp", "shared_group"),
        *("user_glob", "server_glob", "node_glob", "resource_glob", "pkix"),
    }
)
"""What stands below the name of a rule where the rule itself is written there."""
_COMMON = frozenset(
    {
        *("name", "value", "user", "username", "password", "token", "secret", "key", "type", "id"),
        *("enabled", "authentication", "publish", "subscribe", "api_key"),
    }
)
"""Names that no secret is, wherever they stand."""
_NUMBER = re.compile(r"[-+]?\d{1,9}(?:\.\d{1,9})?(?:\s?(?:ms|s|m|h|d|[a-z]{3,7}s?))?")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_HEADERS = re.compile(r"(?:^|[_-])headers?$", re.I)
_PLAIN_HEADER = re.compile(
    r"(?:Access-Control|Content|Cache|Strict-Transport|Referrer|X-Frame|X-Content|X-XSS)-|Accept$|"
    r"Server$",
    re.I,
)
_PROGRAM = re.compile(r"(?:^|_)(?:program|cmd|command)$", re.I)

_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "none", "undefined", "null"})

_DOCUMENTED = OPTIONS - {MACROS, KEYWORDS}
"""Without those below which people choose the names, and what they stand for."""

_PEM = "-----BEGIN "
_ADDRESS = re.compile(r"\b([a-z][a-z0-9+.-]*://)([^/\s?#\"'<>]*)([^\s?#\"'<>]*)([^\s\"'<>]*)", re.I)
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
    UNKNOWN = "unknown"
    """No option that ejabberd documents: numbers and words like true are shown alone."""


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
        if _DECIDES.search(name) and _RULE_WORDS.issuperset(names[index + 1 :]):
            return Place.RIGHTS
    found = _of_last(names)
    return Place.UNKNOWN if found is Place.OTHER and not _documented(keys) else found


def _documented(keys: Sequence[str]) -> bool:
    """Whether the option that these names begin with is one of ejabberd's own."""
    names, of_node = _own_names(tuple(keys))
    if not names:
        return True
    if of_node:
        listener = names[0] == "listen" and len(names) > 1
        return names[1] in LISTENER_OPTIONS if listener else names[0] in _DOCUMENTED
    module = next(each for each in keys if each.startswith("mod_") or each == names[0])
    return module in MODULES and names[0] in MODULE_OPTIONS


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


def name_is_hidden(keys: Sequence[str], name: str) -> bool:
    """Whether a name that stands below these may be a key, a token or a password itself."""
    where = place(keys)
    if keys and _HEADERS.search(keys[-1]):
        return not _PLAIN.fullmatch(name)
    if where is Place.SECRET:
        return True
    if "://" in name:
        return concealed(keys, name) != name
    if not _PLAIN.fullmatch(name) and _own_names((*keys, name))[0] == (name,):
        return not name.isdecimal() and bool(keys) and keys[-1] not in (HOST, APPEND, "hosts")
    known = name in _COMMON or name in MODULE_OPTIONS or name in OPTIONS
    return where is Place.UNKNOWN and bool(_own_names(tuple(keys))[0]) and not known


def shown_names(keys: Sequence[str]) -> str:
    """The names that lead to a value, as one text without those that may be secrets."""
    return ".".join(
        HIDDEN if name_is_hidden(keys[:index], name) else name for index, name in enumerate(keys)
    )


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
    if not text:
        return text, []
    if where is Place.RIGHTS:
        return (_addresses(text, whole=True), []) if "://" in text else (text, [])
    if where is Place.SECRET:
        return (text, []) if text.lower() in _WORDS else (HIDDEN, [text])
    if where is Place.PROGRAM:
        program, _, rest = text.strip().partition(" ")
        return (f"{program} {HIDDEN}", [rest.strip()]) if rest.strip() else (text, [])
    parts: list[str] = []
    if where is Place.UNKNOWN:
        return _of_unknown(text, parts), parts
    shown = _by_form(text, parts)
    return _addresses(shown, whole=True), parts


def _of_unknown(text: str, parts: list[str]) -> str:
    """Its shape alone; what is a secret by its form becomes one of `parts`."""
    if text.lower() in _WORDS or _NUMBER.fullmatch(text):
        return text
    _by_form(text, parts)
    return _addresses(text, whole=False) if _ADDRESS.fullmatch(text) else HIDDEN


def _addresses(text: str, *, whole: bool) -> str:
    """Every address without a user and a query; a path is shown only with `whole`."""

    def shown(found: re.Match[str]) -> str:
        scheme, authority, path, rest = found.groups()
        if not whole and path.strip("/"):
            path = f"/{HIDDEN}"
        more = rest if rest in ("", "?", "#") or _all_hidden(rest) else rest[0] + HIDDEN
        return f"{scheme}{_authority(authority, [])}{path}{more}"

    return _ADDRESS.sub(shown, text)


def _all_hidden(query: str) -> bool:
    """Whether each value in it is hidden already."""
    pairs = query[1:].split("&")
    return all(each.endswith(f"={HIDDEN}") for each in pairs)


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
