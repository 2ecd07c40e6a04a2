"""Which certificates and keys an ejabberd.yml names, and which of first's second lacks. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ejtui.cleaning import clean
from ejtui.cluster.administration.document import Scalar, scalars
from ejtui.cluster.administration.written import Written
from ejtui.erlang.probe.questions import NamedFile

CERTIFICATES = "certificates"
"""What stands for the files in a list of options that are to be taken."""

CERTFILES = "certfiles"

NAMES = frozenset(
    {
        *(CERTFILES, "certfile", "domain_certfile", "c2s_certfile", "s2s_certfile"),
        *("ca_file", "cafile", "c2s_cafile", "s2s_cafile", "dhfile", "c2s_dhfile", "s2s_dhfile"),
        *("sql_ssl_certfile", "sql_ssl_cafile", "jwt_key"),
        *("ldap_tls_certfile", "ldap_tls_keyfile", "ldap_tls_cacertfile"),
    }
)
"""Options whose values are the places of certificates and keys."""

Found = Mapping[str, Sequence[NamedFile]]


@dataclass(frozen=True)
class Lacking:
    """First's files that second lacks, and in sentences what is lacking and cannot be copied."""

    files: tuple[NamedFile, ...] = ()
    left: tuple[str, ...] = ()


def named(written: Written) -> tuple[str, ...]:
    """The places of certificates and keys, or patterns of them, that the file names."""
    found = [
        scalar.text
        for name, placed in written.options.items()
        for each in placed
        for keys, scalar in scalars(each.value, (name,))
        if keys[-1] in NAMES and scalar.text.startswith("/")
    ]
    return tuple(dict.fromkeys(found))


def entries(written: Written) -> tuple[Scalar, ...]:
    """What the file has in certfiles."""
    value = written.value((CERTFILES,))
    items = value if isinstance(value, tuple) else (value,)
    return tuple(each for each in items if isinstance(each, Scalar) and each.text)


def is_named_by(pattern: str, path: str) -> bool:
    """Whether a path can be one that this pattern names: the other host answers with the path."""
    wild = re.search(r"[*?\[{]", pattern)
    if wild is None:
        return path == pattern
    above = pattern[: wild.start()].rpartition("/")[0]
    return path.startswith(f"{above}/") and ".." not in path.split("/")


def lacking(first: Found, second: Found, wholly: Collection[str] = ()) -> Lacking:
    """What first has under the names that second's file has, and second lacks.

    A pattern that something on second has is met, except for those of `wholly`: of these second
    gets each file of first's. What is there on second stays, whatever it is.
    """
    files: dict[str, NamedFile] = {}
    left: list[str] = []
    for pattern, there in second.items():
        have = {each.path for each in there}
        left += [
            f"{each.path} is there on second, and stays: {each.why}" for each in there if each.why
        ]
        if have and pattern not in wholly:
            continue
        here = first.get(pattern, ())
        if not (here or have):
            left.append(f"{pattern}: first does not have it either")
        for each in here:
            if each.path in have:
                continue
            if not is_named_by(pattern, each.path):
                left.append(f"{each.path} of first's: it is not what {pattern} names")
            elif each.why:
                left.append(f"{each.path} of first's: {each.why}")
            else:
                files[each.path] = each
    return Lacking(tuple(files.values()), tuple(map(clean, left)))
