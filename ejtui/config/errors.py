"""The errors of a wrong or missing configuration."""

from __future__ import annotations

from pathlib import Path

EXAMPLE = """\
first = "first"               # the node that has the accounts
second = "second"             # the node that joins it

[nodes.first]
address = "first.example.net" # or "local": this machine
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


class ConfigMissing(ConfigError):
    """There is no configuration at the place asked for."""

    def __init__(self, file: Path | str) -> None:
        super().__init__(
            file,
            "",
            "there is no configuration here yet",
            "let `ejtui setup` ask and write one, or write it, for two hosts that ssh reaches:\n\n"
            + "".join(f"    {line}\n" if line else "\n" for line in EXAMPLE.splitlines())
            + "\n  or practise first on two real nodes on this machine: ejtui lab",
        )
