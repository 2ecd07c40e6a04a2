"""The errors of a wrong or missing configuration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

EXAMPLE = """\
first = "first"               # the node that has the accounts
second = "second"             # the node that joins it

[nodes.first]
address = "first.example.net" # or "local": this computer
user = "op"
become = "sudo"               # sudo, doas, su or none

[nodes.second]
address = "second.example.net"
user = "op"
become = "sudo"
"""


class ConfigError(Exception):
    """One thing wrong with the configuration.

    Attributes: `file` (as the operator may open it), `key` (dotted; empty for the whole file),
    `what` is wrong, `would_be_right`; `str()` puts them into one message.
    """

    def __init__(self, file: Path | str, key: str, what: str, would_be_right: str) -> None:
        self.file = str(file)
        self.key = key
        self.what = what
        self.would_be_right = would_be_right
        subject = f"{self.file}: {key}" if key else self.file
        super().__init__(f"{subject}: {what}\n  {would_be_right}")

    @property
    def each(self) -> tuple[ConfigError, ...]:
        """Every single error, this one where it is alone."""
        return (self,)


class ConfigErrors(ConfigError):
    """Several things wrong with the configuration: the attributes are the first one's."""

    def __init__(self, errors: Sequence[ConfigError]) -> None:
        first = errors[0]
        super().__init__(first.file, first.key, first.what, first.would_be_right)
        self._each = tuple(errors)
        files = {error.file for error in errors}
        shared = f"{self.file}: " if len(files) == 1 else ""
        listed = "\n".join(_listed(str(error).removeprefix(shared)) for error in errors)
        self.args = (f"{shared}{len(errors)} things are wrong:\n{listed}",)

    @property
    def each(self) -> tuple[ConfigError, ...]:
        return self._each


def _listed(text: str) -> str:
    """One of several: as it is alone, one column deeper."""
    return "- " + text.replace("\n", "\n  ")


T = TypeVar("T")


class Mistakes:
    """Collects the errors of several readings, so that all are reported at once."""

    def __init__(self) -> None:
        self._found: list[ConfigError] = []

    def read(self, reading: Callable[[], T]) -> T | None:
        """What `reading` returns; None where it raises ConfigError, which is kept."""
        try:
            return reading()
        except ConfigError as error:
            self._found += error.each
            return None

    def report(self) -> None:
        """Raise ConfigError with all that was kept; nothing where that is nothing."""
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            raise ConfigErrors(self._found)


class ConfigMissing(ConfigError):
    """There is no configuration at the place asked for."""

    def __init__(self, file: Path | str) -> None:
        super().__init__(
            file,
            "",
            "there is no configuration here yet",
            "let `ejtui setup` ask and write one, or write it, for two hosts that ssh reaches:\n\n"
            + "".join(f"    {line}\n" if line else "\n" for line in EXAMPLE.splitlines())
            + "\n  or practise first on two real nodes on this computer: ejtui lab",
        )
