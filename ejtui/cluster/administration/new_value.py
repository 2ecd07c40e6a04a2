"""A value that the operator writes for one option of second's ejabberd.yml. Pure."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection
from dataclasses import dataclass

from ejtui.cluster.administration.document import BadFile, Document, Scalar, Value, scalars, written
from ejtui.cluster.administration.secrecy import (
    HIDDEN,
    Place,
    concealed,
    name_is_hidden,
    place,
    secret_parts,
)
from ejtui.cluster.errors import StepFailed

_KEY = "value"


@dataclass(frozen=True)
class NewValue:
    """What an option gets: `host` is the virtual host it is of, "" for the whole node."""

    option: str
    value: Value
    host: str = ""

    @property
    def name(self) -> str:
        """The option, with its virtual host."""
        return f"{self.option} ({self.host})" if self.host else self.option

    @property
    def secrets(self) -> frozenset[str]:
        """What in it must not be shown."""
        keys = self.option.split(".")
        return frozenset(
            part
            for inner, each in scalars(self.value)
            for part in secret_parts((*keys, *inner), each.text)
        )


def read_value(option: str, text: str, host: str = "") -> NewValue:
    """The value as it is written in YAML. Raises StepFailed where it is none, with its line."""
    if not text.strip():
        raise StepFailed(f"{option}: the value is empty; write it in YAML, as in ejabberd.yml")
    try:
        found = Document(option, f"{_KEY}:\n{textwrap.indent(text.rstrip(), '  ')}\n")
    except BadFile as error:
        # The line of the key, which is above what was written, does not count.
        text = re.sub(r"\bline (\d+)", lambda found: f"line {int(found[1]) - 1}", str(error))
        raise StepFailed(text) from None
    if len(found.values) != 1:
        raise StepFailed(f"{option}: it is more than one value; write one")
    return NewValue(option, found.values[Scalar(_KEY)], host)


def value_text(value: Value | None) -> str:
    """The value as YAML, "" for none."""
    if value is None:
        return ""
    text = "".join(written(Scalar(_KEY), value, 0)).removeprefix(f"{_KEY}:")
    return textwrap.dedent(text.removeprefix(" ").removeprefix("\n")).rstrip("\n")


def masked_text(option: str, value: Value, hidden: Collection[str] = ()) -> str:
    """The value as YAML, for the screen, without what must not be shown or is in `hidden`."""
    return value_text(_masked(tuple(option.split(".")), value, hidden))


def _masked(keys: tuple[str, ...], value: Value, known: Collection[str]) -> Value:
    if isinstance(value, dict) and any(name_is_hidden(keys, key.text) for key in value):
        return Scalar(HIDDEN)
    if isinstance(value, dict):
        return {key: _masked((*keys, key.text), each, known) for key, each in value.items()}
    if isinstance(value, tuple):
        return tuple(_masked(keys, each, known) for each in value)
    shown = concealed(keys, value.text, known)
    return value if shown == value.text else Scalar(shown)


def holds_secret(option: str, value: Value | None) -> bool:
    """Whether the option by its name, or something in the value, must not be shown."""
    if place(option.split(".")) is Place.SECRET:
        return True
    return value is not None and bool(NewValue(option, value).secrets)
