"""What is installed below `share`: the man page, and the completion of each shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ejtui.cli.completion import bash, fish, manpage, zsh
from ejtui.cli.completion.commands import CommandLine, whole

SHELLS: Mapping[str, Callable[[CommandLine], str]] = {
    "bash": bash.script,
    "zsh": zsh.script,
    "fish": fish.script,
}

_PLACES = {
    "bash": "share/bash-completion/completions/ejtui",
    "zsh": "share/zsh/site-functions/_ejtui",
    "fish": "share/fish/vendor_completions.d/ejtui.fish",
}


def files() -> dict[str, str]:
    """Each file's text by its place below the prefix."""
    program = whole()
    made = {_PLACES[shell]: script(program) for shell, script in SHELLS.items()}
    return {"share/man/man1/ejtui.1": manpage.page(program), **made}
