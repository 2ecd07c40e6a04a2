"""Which lines of second's ejabberd.yml give an option first's value. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ejtui.cleaning import clean
from ejtui.cluster.administration import meanings
from ejtui.cluster.administration.certificates import CERTFILES, CERTIFICATES, entries
from ejtui.cluster.administration.difference import FILES, Difference
from ejtui.cluster.administration.document import Document, Scalar, Value, is_block, scalars
from ejtui.cluster.administration.edits import Edit, edited
from ejtui.cluster.administration.known_options import NOT_COMPARED, OF_A_HOST
from ejtui.cluster.administration.masking import difference, secrets
from ejtui.cluster.administration.new_value import NewValue
from ejtui.cluster.administration.replaced import why_replaced
from ejtui.cluster.administration.secrecy import HIDDEN, concealed
from ejtui.cluster.administration.written import APPEND, FILE_ONLY, HOST, Written
from ejtui.cluster.errors import NoSuchOption, StepFailed
from ejtui.config.checks import nearest

HOSTS, MODULES = "hosts", "modules"

_BY_NAME = (
    f"{CERTIFICATES}: they belong to a host; `--take {CERTIFICATES}` copies those of first's that "
    "second lacks"
)


@dataclass(frozen=True)
class Carried:
    """What the new file is: its text, what changes in it as a diff without secrets, and the rest.

    `left` are the options that were asked for and stay as they are, each with why. `values` are
    those that got a value of the operator's.
    """

    text: str
    diff: tuple[str, ...]
    taken: tuple[str, ...]
    left: tuple[str, ...]
    hidden: frozenset[str]
    values: tuple[str, ...] = ()


def carry(
    first: Written,
    second: Written,
    options: Sequence[str],
    *,
    everything: bool = False,
    sets: Sequence[NewValue] = (),
) -> Carried:
    """Second's file with first's values of these options, and with `sets`; changes nothing.

    With `everything`, what belongs to a host is left out. CERTIFICATES stands for the files of
    first's certfiles that second's does not name. Raises NoSuchOption for a name that is none, and
    StepFailed and BadFile where an option cannot be taken or set.
    """
    edits: list[Edit] = []
    taken, left = [], []
    for option in dict.fromkeys(options):
        if option == CERTIFICATES:
            if everything:
                left.append(_BY_NAME)
            else:
                mine = list(_certfiles(first, second))
                if why := why_replaced(second, mine):
                    raise StepFailed(f"{option}: {why}")
                edits += mine
            continue
        if everything and (why := _of_a_host(first, option)):
            left.append(f"{option}: {why}; `--take {option}` takes it by name")
            continue
        mine = list(_edits(first, second, option))
        if why := why_replaced(second, mine):
            if not everything:
                raise StepFailed(f"{option}: {why}")
            left.append(f"{option}: {why}")
        elif mine:
            edits += mine
            taken.append(option)
        else:
            if not everything:
                _refuse_unknown(first, second, option)
            left.append(f"{option}: {_why_nothing(first, option)}")
    set_now = [each for each in sets if _set(second, each, edits, left)]
    hidden = secrets(first) | secrets(second) | {text for each in sets for text in each.secrets}
    path, text = second.main.path, second.main.text
    new = edited(path, text, edits) if edits else text
    diff = difference(second.main, Document(path, new), hidden) if edits else []
    values = tuple(each.name for each in set_now)
    return Carried(new, tuple(diff), tuple(taken), tuple(left), hidden, values)


def options_of(differences: Sequence[Difference]) -> list[str]:
    """The options that a file can carry over, of what differs; CERTIFICATES for files."""
    return list(dict.fromkeys(option_of(each) for each in differences if not each.of_file))


def option_of(found: Difference) -> str:
    """What is taken where first's value of it is wanted."""
    return CERTIFICATES if found.meaning.code == meanings.CERTIFICATES else found.option


def _edits(first: Written, second: Written, option: str) -> Iterator[Edit]:
    if option in FILE_ONLY:
        raise StepFailed(
            f"{option} is about the file itself, and is not taken: an option that is taken gets "
            "what its macros stand for"
        )
    if option in (*FILES, HOST, APPEND, MODULES):
        raise StepFailed(
            f"{option} is not taken as a whole: name the options in it, as `ejtui config` does"
        )
    if option == HOSTS:
        yield from _hosts(first, second)
        return
    for scope in _scopes(first, second):
        keys = (*scope, *_keys(option))
        here, there = first.value(keys), second.value(keys)
        value = _kept(option, here, there)
        if value == there:
            continue
        _refuse_included(second, keys)
        yield from _parts(second, *_with_its_module(second, keys, value, there))


def _certfiles(first: Written, second: Written) -> Iterator[Edit]:
    """First's entries after second's own, which stay."""
    own = entries(second)
    missing = tuple(each for each in entries(first) if each not in own)
    if missing:
        _refuse_included(second, (CERTFILES,))
        yield _longer(second, CERTFILES, missing)


def _longer(second: Written, option: str, items: tuple[Value, ...]) -> Edit:
    """Adds to a list; where a macro stands for the list, it is written out."""
    own, there = second.main.values.get(Scalar(option)), second.own(option)
    if isinstance(own, Scalar) and isinstance(there, tuple):
        return Edit((option,), (*there, *items))
    return Edit((option,), items=items)


def _set(second: Written, new: NewValue, edits: list[Edit], left: list[str]) -> bool:
    """Adds the edits that give an option the operator's value; False where it has that value."""
    if new.option in FILE_ONLY or new.option in (HOST, APPEND, MODULES):
        raise StepFailed(f"{new.option} is not set as a whole: name one of the options in it")
    keys = place_of(second, new.option, new.host)
    if new.host and new.host not in keys:
        raise StepFailed(
            f"second's file does not set {clean(new.option)} for {clean(new.host)} separately: "
            f"`ejtui config --set {clean(new.option)}` sets it for the whole node; for that "
            "virtual host alone, add it to host_config by hand"
        )
    there = second.value(keys)
    if new.value == there:
        left.append(f"{new.name}: second's file sets it so already")
        return False
    _refuse_included(second, keys)
    edits += _parts(second, keys, new.value, there)
    return True


def place_of(second: Written, option: str, host: str) -> tuple[str, ...]:
    """The keys below which second's file sets the option: of a virtual host where it does, else
    of the whole node."""
    keys = _keys(option)
    for scope in (HOST, APPEND):
        if host and second.value((scope, host, *keys)) is not None:
            return (scope, host, *keys)
    return keys


def _with_its_module(
    second: Written, keys: tuple[str, ...], value: Value | None, there: Value | None
) -> tuple[tuple[str, ...], Value | None, Value | None]:
    """A module whose last option goes stays, without options: it would not run any more."""
    module = second.value(keys[:-1]) if MODULES in keys[-3:-1] else None
    if value is None and isinstance(module, dict) and list(module) == [Scalar(keys[-1])]:
        return keys[:-1], {}, module
    return keys, value, there


def _parts(
    second: Written, keys: tuple[str, ...], value: Value | None, there: Value | None
) -> Iterator[Edit]:
    """One edit; where most of what second has stays, one for each part of it that does not."""
    if not (isinstance(there, dict) and isinstance(value, dict)) or not value:
        yield Edit(keys, value)
        return
    if not is_block(second.main.nodes(keys)):
        yield Edit(keys, value)
        return
    for key in dict.fromkeys((*there, *value)):
        if value.get(key) != there.get(key):
            yield from _parts(second, (*keys, key.text), value.get(key), there.get(key))


def _keys(option: str) -> tuple[str, ...]:
    if not option.startswith("mod_"):
        return (option,)
    module, _, inner = option.partition(".")
    return (MODULES, module, inner) if inner else (MODULES, module)


def _scopes(first: Written, second: Written) -> Iterator[tuple[str, ...]]:
    """The whole node, then each virtual host that first has and either file has options for."""
    yield ()
    served = set(_names(first.value((HOSTS,))))
    for scope in (HOST, APPEND):
        for host in dict.fromkeys([*first.hosts(scope), *second.hosts(scope)]):
            if host in served:
                yield scope, host


def _hosts(first: Written, second: Written) -> Iterator[Edit]:
    """First's virtual hosts after second's own, with the options that first has for each."""
    own = _names(second.value((HOSTS,)))
    missing = [host for host in _names(first.value((HOSTS,))) if host not in own]
    if not missing:
        return
    _refuse_included(second, (HOSTS,))
    yield _longer(second, HOSTS, tuple(Scalar(host, '"') for host in missing))
    for scope in (HOST, APPEND):
        for host in missing:
            value = first.value((scope, host))
            if value is not None and value != second.value((scope, host)):
                _refuse_included(second, (scope, host))
                yield Edit((scope, host), value)


def _names(value: Value | None) -> list[str]:
    if isinstance(value, Scalar):
        return [value.text]
    return [each.text for each in value or () if isinstance(each, Scalar)]


def _kept(option: str, here: Value | None, there: Value | None) -> Value | None:
    """First's value; of a module on both, what belongs to a host stays second's."""
    whole = option.startswith("mod_") and "." not in option
    if not (whole and isinstance(here, dict) and isinstance(there, dict)):
        return here
    mine = {key: each for key, each in here.items() if key.text not in meanings.OF_A_HOST}
    own = {key: each for key, each in there.items() if key.text in meanings.OF_A_HOST}
    return {**mine, **own}


def _refuse_included(second: Written, keys: tuple[str, ...]) -> None:
    """Raises StepFailed where a file that is included sets it: ejtui writes ejabberd.yml alone."""
    for document in second.places(keys):
        if document is not second.main:
            raise StepFailed(
                f"{document.path}, line {document.line(*keys)}: it sets {'.'.join(keys)}, and "
                f"ejabberd reads it with {second.main.path}; change it there by hand, or move it "
                f"to {second.main.path}"
            )


def _of_a_host(first: Written, option: str) -> str:
    """Why an option belongs to a host, "" where it does not."""
    keys = _keys(option)
    if keys[-1] in OF_A_HOST or (len(keys) > 1 and keys[-1] in meanings.OF_A_HOST):
        return "it belongs to a host"
    value = first.value(keys)
    if value is None:
        return ""
    if isinstance(value, dict) and len(keys) > 1:
        own = [key.text for key in value if key.text in meanings.OF_A_HOST]
        if own:
            return f"{', '.join(own)} of it belong to a host"
    paths = [
        concealed((*keys, *inner), each.text)
        for inner, each in scalars(value)
        if each.text.startswith("/")
    ]
    if not paths or keys[0] == "api_permissions":
        return ""
    return f"it names {'a file' if paths[0] == HIDDEN else paths[0]} on first"


def _refuse_unknown(first: Written, second: Written, option: str) -> None:
    """Raises NoSuchOption where no file sets it, and ejtui does not compare it either."""
    keys = _keys(option)
    whole = keys[:2] if keys[0] == MODULES else keys
    scopes = list(_scopes(first, second))
    if any(
        each.value((*scope, *whole)) is not None for each in (first, second) for scope in scopes
    ):
        return
    compared = (*meanings.OPTIONS, *meanings.KERNEL_NAMES, HOSTS, *NOT_COMPARED)
    if option in compared:
        return
    known = (*compared, CERTIFICATES, *first.options, *second.options, *_modules(first, second))
    meant = nearest(option.partition("@")[0], tuple(dict.fromkeys(known)))
    raise NoSuchOption(
        f"neither ejabberd.yml sets {clean(option)}, and ejtui does not compare an option of that "
        f"name{meant}{'' if meant else ';'} `ejtui config` names what differs. Nothing was changed"
    )


def _modules(first: Written, second: Written) -> Iterator[str]:
    for each in (first, second):
        found = each.value((MODULES,))
        if isinstance(found, dict):
            yield from (key.text for key in found)


def _why_nothing(first: Written, option: str) -> str:
    if first.value(_keys(option)) is None and option in NOT_COMPARED:
        return f"neither file sets it, and it is not compared: {NOT_COMPARED[option]}"
    if first.value(_keys(option)) is None:
        return "neither file sets it; it follows from another option, or from how ejabberd starts"
    return "both files set it alike; what is loaded may be older than the file, or follow from it"
