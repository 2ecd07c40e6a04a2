"""What is to be taken, set or copied, and what that would write: read, and nothing changed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from ejtui.cluster.administration.carry import Carried, carry, options_of, place_of
from ejtui.cluster.administration.certificates import (
    CERTFILES,
    CERTIFICATES,
    NAMES,
    Lacking,
    entries,
)
from ejtui.cluster.administration.difference import Difference
from ejtui.cluster.administration.document import Value, value_below
from ejtui.cluster.administration.masking import secrets
from ejtui.cluster.administration.new_value import NewValue, masked_text
from ejtui.cluster.administration.password_format import is_about_passwords, new_scram
from ejtui.cluster.administration.written import Written
from ejtui.cluster.carry_over import certificates
from ejtui.cluster.carry_over.firsts_file import not_loaded
from ejtui.cluster.carry_over.loaded_too import loads_too
from ejtui.cluster.carry_over.other_release import blamed, unknown_options, why_unknown
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.operations.files import config_file
from ejtui.cluster.pair.pair import Pair


@dataclass(frozen=True)
class Wanted:
    """What is asked for: options of first's, values of the operator's.

    Without both it is all that differs and belongs to no host, of these findings where `codes`
    limits it.
    """

    options: tuple[str, ...] = ()
    values: tuple[NewValue, ...] = ()
    codes: tuple[str, ...] = ()

    @property
    def everything(self) -> bool:
        """Whether nothing is named."""
        return not (self.options or self.values)

    def all_of(self, found: Sequence[Difference]) -> tuple[str, ...]:
        """The options of what differs, of these findings alone."""
        return tuple(
            options_of([e for e in found if not self.codes or e.meaning.code in self.codes])
        )


@dataclass(frozen=True)
class Prepared:
    """What would be written, the checksum of the file that it is made from, and what is copied.

    `scram` are the virtual hosts whose passwords are stored as SCRAM with it, and not before.
    `also` are options that are changed in second's file already: ejabberd loads them with it.
    """

    carried: Carried
    checksum: str
    lacking: Lacking = field(default_factory=Lacking)
    scram: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def also_loads(self) -> tuple[str, ...]:
        """The same as a line of a question; none where there is nothing of it."""
        if not self.also:
            return ()
        return (f"also loads: {', '.join(self.also)} (changed in second's file, not loaded yet)",)

    @property
    def left(self) -> tuple[str, ...]:
        """What stays as it is, each with why."""
        return (*self.carried.left, *self.lacking.left)

    @property
    def edited(self) -> tuple[str, ...]:
        """The options whose lines change."""
        return (*self.carried.taken, *self.carried.values)

    @property
    def nothing(self) -> bool:
        """Whether nothing changes."""
        return not (self.carried.diff or self.lacking.files)


async def prepare(pair: Pair, wanted: Wanted, found: Sequence[Difference]) -> Prepared:
    """What taking these would write and copy; `found` is what differs.

    Reads both files, and changes nothing. Raises BadFile, StepFailed, HostError, ProbeError.
    """
    options = wanted.options
    if wanted.everything:
        options = wanted.all_of(found)
    # Where second has a certificate for each host, it gets no other one of first's.
    uncertified = [each.host for each in found if each.option == "certificate"]
    skipped = () if uncertified else (CERTIFICATES,)
    first, second = await asyncio.gather(
        config_file.read(pair.first), config_file.read(pair.second)
    )
    others = (await not_loaded(pair.first)).of(options) if options else {}
    if others and not wanted.everything:
        raise StepFailed(f"{next(iter(others.values()))}. Nothing was changed")
    options = tuple(each for each in options if each not in others)
    chosen = [each for each in options if each not in skipped]
    carried = await _carried(pair, first, second, chosen, wanted)
    left = tuple(f"{option}: {why}" for option, why in others.items())
    carried = replace(carried, left=(*carried.left, *left))
    checksum = hashlib.sha256(second.main.text.encode("utf-8")).hexdigest()
    scram: tuple[str, ...] = ()
    if is_about_passwords((*carried.taken, *carried.values)):
        scram = new_scram(second, await config_file.read(pair.second, instead=carried.text))
    also = await loads_too(pair.second, (*carried.taken, *carried.values))
    if not _about_files(options, wanted.values):
        return Prepared(carried, checksum, scram=scram, also=also)
    new = await config_file.read(pair.second, instead=carried.text)
    wholly = _wholly(first, options, uncertified)
    lacking = await certificates.find(pair, new, wholly)
    if CERTIFICATES in options and not (carried.diff or lacking.files):
        lacking = replace(lacking, left=(*lacking.left, *_none_fits(first, uncertified)))
    return Prepared(carried, checksum, lacking, scram, also)


async def _carried(
    pair: Pair, first: Written, second: Written, options: Sequence[str], wanted: Wanted
) -> Carried:
    """The new file, without what second's release does not know where everything is wanted.

    Raises StepFailed where that is asked for by name.
    """
    left: list[str] = []
    while True:
        carries = partial(
            carry, first, second, options, everything=wanted.everything, sets=wanted.values
        )
        carried = await asyncio.to_thread(carries)
        new = await config_file.read(pair.second, instead=carried.text) if carried.diff else second
        unknown = await unknown_options(pair, second, new)
        if not unknown:
            return replace(carried, left=(*carried.left, *left))
        of = blamed(carried.taken, unknown)
        if not (wanted.everything and of):
            raise StepFailed(f"{why_unknown(pair, unknown[0])}: nothing was written")
        left += [f"{option}: {why_unknown(pair, name)}" for option, name in of.items()]
        options = [each for each in options if each not in of]


@dataclass(frozen=True)
class Both:
    """What the two files set for an option, as they are written; None where one sets nothing.

    `first` is YAML without secrets, `second` the value itself. `host` is the virtual host that
    second's file sets it for, "" for the whole node.
    """

    first: str | None
    second: Value | None
    host: str = ""


async def values_of(pair: Pair, option: str, host: str = "") -> Both:
    """What both files set there. Raises BadFile, StepFailed, HostError, ProbeError."""
    first, second = await asyncio.gather(
        config_file.read(pair.first), config_file.read(pair.second)
    )
    keys = place_of(second, option, host)
    own = value_below(second.main.values, keys)
    value = second.value(keys) if own is None else own
    firsts = first.value(place_of(first, option, host))
    text = None if firsts is None else masked_text(option, firsts, secrets(first))
    return Both(text, value, host if host in keys else "")


def _wholly(first: Written, options: Sequence[str], uncertified: Sequence[str]) -> Sequence[str]:
    """The patterns of which second gets each file of first's."""
    if CERTFILES in options or (CERTIFICATES in options and uncertified):
        return [each.text for each in entries(first)]
    return ()


def _none_fits(first: Written, uncertified: Sequence[str]) -> list[str]:
    """Why no file of first's gives second what it lacks."""
    if not uncertified:
        return []
    hosts = ", ".join(uncertified)
    if not entries(first):
        return [
            f"{hosts}: first's ejabberd.yml names no certificate, so that its own comes from "
            "elsewhere (ACME): get one for second"
        ]
    return [
        f"{hosts}: second has all files that first's ejabberd.yml names, and none is valid there; "
        "files that are there are not overwritten: move them aside, or get a certificate"
    ]


def _about_files(options: Sequence[str], values: Sequence[NewValue]) -> bool:
    """Whether one of these may name a certificate or a key."""
    named = {each.rpartition(".")[2] for each in (*options, *(value.option for value in values))}
    return not named.isdisjoint({*NAMES, CERTIFICATES, "listen"})
