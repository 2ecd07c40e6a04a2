"""`ejtui completion SHELL`: the script that completes ejtui's words in a shell."""

from __future__ import annotations

from argparse import Namespace

from ejtui.cli.arguments import UsageError
from ejtui.cli.completion.commands import whole
from ejtui.cli.completion.files import SHELLS
from ejtui.cli.completion.words import WORDS
from ejtui.cli.result import CommandResult


def run(args: Namespace, answer: CommandResult) -> int:
    """Print the script; with --words the words of that kind, one a line. Raises UsageError."""
    del answer
    if args.words is not None:
        print("\n".join(WORDS[args.words]()) if args.words in WORDS else "", end="\n")
        return 0
    if args.shell is None:
        raise UsageError(f"which shell? ejtui completion {'|'.join(SHELLS)}")
    print(SHELLS[args.shell](whole()), end="")
    return 0
